"""Observers compared on the page: who belongs together, what differs, what was settled, who is certified."""

from __future__ import annotations

import html
import json
import re
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DatabaseError

from observe.actions import adjudication, agreement
from observe.actions import studies as watching
from observe.actions.agreement import BY_HAPPENING, BY_OVERLAP, Changes
from observe.actions.analysis import Query
from observe.actions.doing import Console
from observe.core.access import Role
from observe.core.agreement.reading import reading
from observe.core.errors import Invalid
from observe.jobs.work import Task, do
from observe.store import consensus as kept
from observe.store import studies
from observe.store.jobs import Job
from observe.store.sessions import coded_records
from observe.store.studies import Setting
from observe.web.pages.agreement import names
from tests.factories.field import Field, a_field, enrol, publish
from tests.factories.uploads import event, some_id, talk

HOME = "/studies/lectures/agreement/"
OWENS, OLGAS, TOGETHER = some_id("owen's"), some_id("olga's"), some_id("together")
SEEN = ["LT"] * 30 + ["LQ"] * 10 + ["LT"] * 20
SEEN_TOO = ["LT"] * 28 + ["LQ"] * 12 + ["LT"] * 20


@pytest.fixture
def settings() -> dict[str, Any]:
    return {"QUEUE": "inline"}


def a_pair(field: Field, cast, *, purpose: str = "reliability", start: int = 1_700_000_000_000, **more) -> None:
    for session, who, codes in ((OWENS, cast.owen, SEEN), (OLGAS, cast.olga, SEEN_TOO)):
        field.record(
            session,
            talk(session, codes, step=10_000),
            observer=who.id,
            happening=TOGETHER,
            purpose=purpose,
            started=start,
            **more,
        )


@pytest.fixture
def field(db, cast, clock) -> Field:
    made = a_field(db, cast.study, cast.owen, clock())
    a_pair(made, cast)
    db.rollback()
    return made


def text(reply) -> str:
    drawn = re.sub(r"<svg.*?</svg>", " ", reply.get_data(as_text=True), flags=re.S)
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", drawn)))


def check_address(**more: str) -> str:
    return f"{HOME}check?session={OWENS}&session={OLGAS}" + "".join(
        f"&{name}={value}" for name, value in more.items()
    )


def test_two_of_one_happening_are_compared_with_every_coefficient(client, field, cast):
    page = text(client.as_(cast.sadia).get(HOME, follow_redirects=True))

    assert "1 happening seen by several observers (1 by 2)" in page
    assert "They said the same in 96.7 % of 600 seconds" in page
    for words in (
        "Cohen's kappa 0.889",
        "Krippendorff's alpha (nominal) 0.889",
        "PABAK",
        "AC1",
        "prevalence index",
        "kappa max",
    ):
        assert words in page
    assert re.search(r"Lecturer talk (?:good|usable|descriptive only) 500 / 480 500 1", page)


def test_sessions_belong_together_by_happening_else_by_place_and_time(db, cast, clock):
    field = a_field(db, cast.study, cast.owen, clock())
    room = some_id("room")
    db.add(
        Setting(
            id=room,
            study_id=cast.study.id,
            label="Room",
            note="",
            active=True,
            created_at=clock(),
            changed_at=clock(),
        )
    )
    db.commit()
    for name, who, start, setting in (
        ("a", cast.owen, 0, room), ("b", cast.olga, 30_000, room), ("far away", cast.olga, 40_000, None),
        ("later", cast.olga, 9_000_000, room), ("the same person", cast.owen, 9_000_000_000, room),
    ):  # fmt: skip
        session = some_id(name)
        field.record(
            session,
            talk(session, ["LT"] * 180),
            observer=who.id,
            setting=setting,
            started=1_700_000_000_000 + start,
        )
    a_pair(field, cast, start=1_800_000_000_000)

    found = agreement.groups(db, cast.study.id, Query(framework=field.framework), now=clock())

    assert [(one.how, {row.id for row in one.rows}) for one in found] == [
        (BY_OVERLAP, {some_id("a"), some_id("b")}),
        (BY_HAPPENING, {OWENS, OLGAS}),
    ]


def test_a_second_coding_by_the_same_observer_is_no_second_observer(db, field, cast, clock):
    again = some_id("again")
    field.record(again, talk(again, SEEN), observer=cast.owen.id, happening=TOGETHER)

    [group] = agreement.groups(db, cast.study.id, Query(framework=field.framework), now=clock())

    assert {row.observer for row in group.rows} == {cast.owen.id, cast.olga.id}


def in_one_room(db, cast, clock, *starts: tuple[Any, int]) -> list[str]:
    """Sessions in a room of a study that has nothing else: who, and how many seconds after the first."""
    made, room, ids = a_field(db, cast.study, cast.owen, clock()), some_id("room"), []
    more = {"label": "Room", "note": "", "active": True, "created_at": clock(), "changed_at": clock()}
    db.add(Setting(id=room, study_id=cast.study.id, **more))
    db.commit()
    for number, (who, after) in enumerate(starts):
        ids.append(some_id("in the room", str(number)))
        rows, start = talk(ids[-1], ["LT"] * 180), 1_700_000_000_000 + after * 1000
        made.record(ids[-1], rows, observer=who.id, setting=room, started=start)
    return ids


class TestBeforeAnythingIsDerived:
    """What a page does on a study whose records nobody has asked for yet."""

    @pytest.fixture
    def settings(self) -> dict[str, Any]:
        """Nobody works on what is asked here but the test."""
        return {"QUEUE": "sqlite"}

    def derived(self, db) -> int:
        db.rollback()
        return db.scalar(sa.select(sa.func.count()).select_from(coded_records))

    def test_the_page_asks_a_worker_who_finds_out_what_belongs_together(self, client, db, cast, clock):
        in_one_room(db, cast, clock, (cast.owen, 0), (cast.olga, 30), (cast.owen, 9_000), (cast.olga, 20_000))
        sadia = client.as_(cast.sadia)

        asked = sadia.get(HOME)

        assert asked.status_code == 303 and "/jobs/" in asked.location
        assert self.derived(db) == 0
        [job] = db.scalars(sa.select(Job))
        do(db, job.id, clock=clock)
        assert self.derived(db) == 4
        assert "1 happening seen by several observers (1 by 2); 1 found by place and time" in text(sadia.get(HOME))

    def test_sessions_in_one_place_at_other_times_are_told_apart_by_the_worker(self, client, db, cast, clock):
        in_one_room(db, cast, clock, (cast.owen, 0), (cast.olga, 9_000))
        sadia = client.as_(cast.sadia)
        sadia.get(HOME)
        [job] = db.scalars(sa.select(Job))
        do(db, job.id, clock=clock)

        assert "No two observers have recorded the same thing" in text(sadia.get(HOME))
        assert sadia.get(f"{HOME}checks.csv").get_data(as_text=True).strip() == ""

    def test_one_observer_alone_is_compared_with_nobody_and_asks_nothing(self, client, db, cast, clock):
        in_one_room(db, cast, clock, (cast.owen, 0), (cast.owen, 30))

        assert "No two observers have recorded the same thing" in text(client.as_(cast.sadia).get(HOME))
        assert list(db.scalars(sa.select(Job))) == []

    def test_a_reviewer_starts_nothing_and_is_told_who_can(self, client, db, cast, clock):
        in_one_room(db, cast, clock, (cast.owen, 0), (cast.olga, 30))
        rhys = client.as_(cast.rhys)

        assert "A supervisor or an analyst who opens this page has them compared" in text(rhys.get(HOME))
        assert rhys.get(f"{HOME}agreement.pdf").location.endswith(HOME)
        assert list(db.scalars(sa.select(Job))) == []

    def test_the_worker_says_how_far_it_is(self, client, db, cast, clock, monkeypatch):
        in_one_room(db, cast, clock, (cast.owen, 0), (cast.olga, 30))
        client.as_(cast.sadia).get(HOME)
        said: list[tuple[float, str]] = []
        heard = Task.progress
        monkeypatch.setattr(
            Task,
            "progress",
            lambda task, share, words="": said.append((share, words)) or heard(task, share, words),
        )
        [job] = db.scalars(sa.select(Job))
        do(db, job.id, clock=clock)

        assert said[0] == (0.0, "Reading logs: 1 of 2 sessions")
        assert [share for share, _ in said] == sorted(share for share, _ in said)


def test_every_difference_leads_to_its_moment_with_both_records_drawn(client, field, cast):
    sadia = client.as_(cast.sadia)
    page = sadia.get(check_address(stream="activity"))

    assert "4:40 5:00 Lecturer talk Lecturer question" in text(page)
    near = sadia.get(check_address(stream="activity", at="280000")).get_data(as_text=True)
    assert "Around 4:40" in near
    assert "Owen" in near and "they differ" in near


def test_weights_can_be_edited_and_where_all_mistakes_made_weigh_nothing_kappa_is_undefined(client, field, cast):
    sadia, size = client.as_(cast.sadia), 10
    cells = {f"w{i}.{j}": "0" if {i, j} == {1, 2} or i == j else "1" for i in range(size) for j in range(size)}
    one = text(sadia.get(check_address(stream="activity", weights="matrix", size=str(size), **cells)))

    assert re.search(r"weighted kappa undefined", one)
    assert sadia.get(check_address(stream="activity", weights="matrix", size="2")).status_code == 422


JUDGED = {
    "schema": "observe-framework/1", "slug": "judged", "title": "Judged",
    "actors": [{"id": "room", "label": "Room", "kind": "place", "seen_as": "as-one"}],
    "streams": [{
        "id": "end", "label": "At the end", "actors": ["room"], "sampling": {"kind": "rating", "rated_at": "end"},
        "ratings": [{"id": "calm", "label": "Calm", "values": [{"value": n, "label": f"{n}"} for n in range(1, 11)]}],
        "agreement": {"unit": "rating", "measure": "icc", "level": 0.5},
    }],
}  # fmt: skip


def test_four_judges_of_six_targets_come_to_the_published_intraclass_correlations(client, cast, db, clock):
    """Shrout & Fleiss 1979, table 2: .17, .29, .71 for one judge and .44, .62, .91 for their mean."""
    given = [(9, 2, 5, 8), (6, 1, 3, 2), (8, 4, 6, 8), (7, 1, 2, 6), (10, 5, 6, 9), (6, 2, 4, 7)]
    watching.set_member(db, Console(), cast.study, cast.anya.id, frozenset({Role.OBSERVER}), now=clock())
    mark, device = publish(db, cast.study, clock(), "judged", JUDGED), enrol(db, cast.study, clock())
    made = Field(db, cast.study, mark, device, cast.owen, clock())
    for place, values in enumerate(given):
        for who, value in zip((cast.owen, cast.olga, cast.sadia, cast.anya), values, strict=True):
            session = some_id("judged", place, who.id)
            made.record(session, [
                event(session, 1, "open", 0),
                event(session, 2, "rate", 1_000, rating="calm", value=value),
                event(session, 3, "end", 2_000, count=3),
            ], observer=who.id, happening=some_id("target", place))  # fmt: skip

    page = text(client.as_(cast.sadia).get(f"{HOME}?together=all", follow_redirects=True))

    found = {form: round(float(value), 2) for form, value in re.findall(r"ICC\((\d,[\dk])\) (\d\.\d{3}) ", page)}
    assert found == {"1,1": 0.17, "2,1": 0.29, "3,1": 0.71, "1,k": 0.44, "2,k": 0.62, "3,k": 0.91}
    assert "(·,k) of the mean of 4" in page
    assert "This agreement is low. Each two of the 4 observers" in page and "ICC(2,1) is 0.290" in page


def test_a_code_that_is_called_other_keeps_its_label_in_the_confusion_table():
    labels = names({"other": "Other", "calm": "Calm"})

    assert (labels["other"], labels["nil"], names({})["other"]) == ("Other", "not seen", "another")


def test_how_often_each_began_is_compared_over_happenings(client, field, cast):
    for who, codes in ((cast.owen, ["LT", "LQ"] * 20), (cast.olga, ["LT", "LQ", "LQ", "LT"] * 10)):
        session = some_id("second", who.id)
        field.record(
            session,
            talk(session, codes, step=10_000),
            observer=who.id,
            happening=some_id("second"),
            purpose="reliability",
        )

    page = text(client.as_(cast.sadia).get(HOME, follow_redirects=True))

    assert "How often each began: would observers rank happenings alike?" in page
    assert re.search(r"Code ICC\(2,1\) 95 % n .*Lecturer question [\d.−]+ ", page)


def test_the_page_says_low_where_it_is_low_and_undefined_where_it_is(client, field, cast, db, clock):
    other = some_id("unlike")
    field.record(other, talk(other, ["AD", "FB", "SQ"] * 20), observer=cast.sadia.id, happening=some_id("2"))
    same = some_id("alike")
    field.record(same, talk(same, ["LT", "LT", "LT"] * 20), observer=cast.owen.id, happening=some_id("2"))

    page = text(client.as_(cast.sadia).get(f"{HOME}check?session={other}&session={same}"))
    assert "This agreement is low. They said the same in 0.0 % of 60 seconds" in page
    assert "nothing is known of their agreement: Lecturer question, " in page
    assert re.search(r"Lecturer question never used 0 / 0 0 0 – – ", page)

    twin = some_id("twin")
    field.record(twin, talk(twin, ["LT"] * 60), observer=cast.olga.id, happening=some_id("2"))
    rows = agreement.pair(db, cast.study.id, same, twin)
    stream = agreement.coding.framework(db, cast.study.id, rows[0].framework).streams[0]
    report = agreement.report_of(stream, [agreement.watched(db, rows, now=clock())], Changes())
    assert report is not None
    assert "undefined: no variation" in reading(report)[0]


def settle(client, cast, **choices: str):
    return client.as_(cast.sadia).post(
        f"{HOME}settle",
        data={"first": OWENS, "second": OLGAS, "stream": "activity", "reason": "Seen again.", **choices},
    )


def question(client, cast) -> str:
    page = (
        client.as_(cast.sadia)
        .get(f"{HOME}settle?first={OWENS}&second={OLGAS}&stream=activity")
        .get_data(as_text=True)
    )
    return html.unescape(re.findall(r'name="(q:[^"]+)"', page)[0])


def test_what_is_settled_is_a_record_of_its_own_and_the_originals_stay(client, field, cast, db):
    before = [row.digest for row in db.execute(sa.text("SELECT digest FROM events ORDER BY log, seq"))]

    reply = settle(client, cast, **{question(client, cast): "second"})

    db.rollback()
    [made] = kept.of_study(db, cast.study.id)
    bouts = [(one["code"], one["start"], one["end"]) for one in json.loads(made.record)["bouts"]]
    assert reply.status_code == 303
    assert (made.decided, made.open) == (1, 0)
    assert bouts == [("LT", 0, 280_000), ("LQ", 280_000, 400_000), ("LT", 400_000, 600_000)]
    assert [row.digest for row in db.execute(sa.text("SELECT digest FROM events ORDER BY log, seq"))] == before


def test_a_sitting_cannot_be_changed_afterwards(client, field, cast, db):
    settle(client, cast, **{question(client, cast): "first"})
    db.rollback()

    for words in ("UPDATE consensus SET open = 5", "DELETE FROM consensus"):
        with pytest.raises(DatabaseError, match="only ever added"):
            db.execute(sa.text(words))
        db.rollback()


def test_a_decision_for_what_nobody_asked_is_refused(client, field, cast, db):
    settle(client, cast, **{question(client, cast): "a code that is not there"})
    settle(client, cast, **{"q:nothing": "first"})

    db.rollback()
    assert kept.of_study(db, cast.study.id) == []


@pytest.fixture
def practised(db, cast, clock) -> Field:
    made = a_field(db, cast.study, cast.owen, clock())
    a_pair(made, cast, purpose="practice")
    db.rollback()
    return made


def test_practice_is_certified_against_what_was_settled_and_a_failure_is_kept_too(
    client, practised, cast, db, clock
):
    settle(client, cast, **{question(client, cast): "second"})
    db.rollback()
    [agreed] = kept.of_study(db, cast.study.id)

    good = adjudication.certify(db, cast.sadia, cast.study, OLGAS, agreed.id, "activity", now=clock())
    poor = adjudication.certify(db, cast.sadia, cast.study, OWENS, agreed.id, "activity", now=clock())

    assert (good.reached, adjudication.report_in(good).answer.value) == (True, 1.0)
    assert (poor.reached, poor.level) == (False, 0.8)
    page = client.as_(cast.anya).get(f"{HOME}certificates/{good.id}")
    assert "Certificate of agreement" in text(page)
    assert client.as_(cast.anya).get(f"{HOME}certificates/{good.id}.pdf").data[:5] == b"%PDF-"
    assert client.as_(cast.nemo).get(f"{HOME}certificates/{good.id}").status_code == 404


def test_nothing_of_the_field_is_certified_nor_by_a_coding_nobody_settled(field, practised_error, cast, db, clock):
    with pytest.raises(Invalid, match=practised_error):
        adjudication.certify(db, cast.sadia, cast.study, OWENS, OLGAS, "activity", now=clock())


@pytest.fixture
def practised_error() -> str:
    return "Only practice is certified"


def test_a_record_of_another_observer_is_no_agreed_coding_unless_a_supervisor_made_it(practised, cast, db, clock):
    with pytest.raises(Invalid, match="Settle the differences first"):
        adjudication.certify(db, cast.sadia, cast.study, OWENS, OLGAS, "activity", now=clock())

    roles = studies.roles_of(db, cast.study.id, cast.sadia.id)
    teachers = some_id("teacher")
    practised.record(
        teachers, talk(teachers, SEEN, step=10_000), observer=cast.sadia.id, happening=TOGETHER, purpose="practice"
    )
    db.rollback()
    made = adjudication.certify(db, cast.sadia, cast.study, OWENS, teachers, "activity", now=clock())
    assert roles and made.reached


@pytest.mark.parametrize(
    ("who", "method", "status"),
    [
        ("owen", "get", 403),
        ("rhys", "get", 200),
        ("rhys", "post", 403),
        ("nemo", "get", 404),
        ("anya", "get", 200),
    ],
)
def test_who_may_see_and_who_may_settle(client, field, cast, who, method, status):
    person, where = client.as_(getattr(cast, who)), f"{HOME}settle?first={OWENS}&second={OLGAS}&stream=activity"

    reply = (
        person.get(where)
        if method == "get"
        else person.post(f"{HOME}settle", data={"first": OWENS, "second": OLGAS})
    )

    assert reply.status_code == status


def test_nothing_to_compare_says_what_would_be(client, cast, db, clock):
    alone = a_field(db, cast.study, cast.owen, clock())
    alone.record(OWENS)

    page = text(client.as_(cast.sadia).get(HOME, follow_redirects=True))

    assert "Sessions belong together when they name the same happening" in page
