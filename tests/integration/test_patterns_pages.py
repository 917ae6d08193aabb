"""From what was seen to what may be said of it: runs, their pages, and what nobody can change afterwards."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DatabaseError

from observe.actions import patterns as actions
from observe.actions import studies as study_actions
from observe.core.errors import NotAllowed, NotFound
from observe.core.patterns import Freedom
from observe.jobs.work import do
from observe.store import frameworks, patterns, studies
from observe.store.base import writing
from tests.factories.inferred import document, watched

HOME = "/studies/lectures/patterns/"


def text(reply) -> str:
    words = re.sub(r"<svg.*?</svg>", " ", reply.get_data(as_text=True), flags=re.S)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", words))


@pytest.fixture
def settings() -> dict[str, Any]:
    """What is printed is printed at once."""
    return {"QUEUE": "inline"}


@pytest.fixture
def play(db, cast, clock):
    return watched(db, cast, clock())


@pytest.fixture
def run(play):
    return play.run()


@pytest.fixture
def ash(play, run):
    return play.finding(run, "Ash")


def test_what_was_planted_is_found_and_nobody_else_is_claimed(play, run):
    said = {name: play.finding(run, name).status for name in play.subjects}

    assert said.pop("Ash") == "pattern"
    assert "pattern" not in said.values()
    assert "contrary-pattern" not in said.values()


def test_the_evidence_on_the_page_adds_up_to_the_estimate(client, cast, ash):
    page = text(client.as_(cast.rhys).get(f"{HOME}{ash.id}"))

    def figure(words):
        found = re.search(words + r" ([+−]\d+\.\d+)", page)
        assert found, words
        return float(found[1].replace("−", "-"))

    parts = [
        figure(words)
        for words in ("What supports it", "What speaks against it", "because peers are not at nought")
    ]
    assert figure("Together: the estimate") == pytest.approx(sum(parts), abs=0.002)
    assert figure("Together: the estimate") == pytest.approx(ash.body["estimate"]["mean"], abs=0.0006)
    assert ash.body["estimate"]["mean"] > 0.5


def test_contrary_evidence_is_shown_beside_the_support_even_when_it_is_small(client, cast, ash):
    html = client.as_(cast.rhys).get(f"{HOME}{ash.id}").get_data(as_text=True)
    contrary = [one for one in ash.body["evidence"]["items"] if one["side"] == "contrary"]
    against = html.split('class="side side--against"')[1].split("</div>")[0]

    assert contrary
    assert against.count("<li>") >= min(5, len(contrary))
    assert max(abs(one["contribution"]) for one in contrary) < 0.5


def test_each_observation_leads_to_its_moment_in_the_log(client, cast, ash):
    browser = client.as_(cast.rhys)
    html = browser.get(f"{HOME}{ash.id}").get_data(as_text=True)
    address, anchor = re.search(r'href="([^"]+/events\?page=\d+)#(e-[0-9a-f-]+)"', html).groups()

    assert f'id="{anchor}"' in browser.get(address).get_data(as_text=True)


def test_behaviour_that_stayed_away_is_evidence_too(client, cast, ash):
    away = [one for one in ash.body["evidence"]["items"] if one["observed"] == 0 and one["expected"] >= 1]

    assert away
    assert "stayed away" in text(client.as_(cast.rhys).get(f"{HOME}{ash.id}"))


def test_the_page_names_the_rivals_of_the_framework_first(client, cast, ash):
    page = text(client.as_(cast.rhys).get(f"{HOME}{ash.id}"))

    assert ash.body["rivals"][0]["id"] == "play-leader"
    assert page.index("A grown-up leads") < page.index("The situation")
    assert "named beforehand" in page


def test_the_run_says_of_everybody_where_they_stand(client, cast, play, run):
    page = text(client.as_(cast.anya).get(HOME))

    assert (
        "Of 8 people, 1 shows a pattern consistent with acting kindly and none a pattern that speaks against it"
        in page
    )
    for name in play.subjects:
        assert name in page


def test_a_run_is_narrowed_down_without_its_sentence_changing(client, cast, play, run):
    page = text(client.as_(cast.anya).get(f"{HOME}runs/1?person={play.subject('Bay')}"))

    assert "Of 8 people, 1 shows a pattern consistent with acting kindly" in page
    body = page.split("What is missing, or to mind")[1].split("How would anyone know")[0]
    assert "Bay" in body
    assert "Ash" not in body


@pytest.mark.parametrize("path", ["", "{id}", "reviews", "methods", "plans", "runs/1", "{bay}", "runs/1/beside/1"])
def test_no_page_says_what_anybody_is_or_believes(client, cast, play, run, ash, path):
    where = HOME + path.format(id=ash.id, bay=play.finding(run, "Bay").id)
    reply = client.as_(cast.sadia).get(where)
    page = text(reply)

    assert reply.status_code == 200
    for name in play.subjects:
        assert not re.search(rf"\b{name} (believes|thinks|feels|values|wants|is (?!watched))", page)
    assert "believes" not in page


def test_few_sessions_are_not_enough_and_the_page_says_what_is_missing(client, db, cast, clock):
    play = watched(db, cast, clock(), how_many=2)
    run = play.run()
    page = text(client.as_(cast.sadia).get(HOME))
    one = text(client.as_(cast.sadia).get(f"{HOME}{play.finding(run, 'Ash').id}"))

    assert {play.finding(run, name).status for name in play.subjects} <= {"not-enough-evidence", "confounded"}
    assert "needs a third session" in page
    assert not re.search(r"[+−]\d\.\d\d \[", page)
    assert "No figure is given" in one
    assert "needs a third session" in one


def test_without_constructs_or_runs_the_page_says_what_to_do(client, cast, db, clock):
    before = text(client.as_(cast.sadia).get(HOME))
    watched(db, cast, clock(), how_many=1)
    after = text(client.as_(cast.sadia).get(HOME))
    reader = text(client.as_(cast.rhys).get(HOME))

    assert "No construct yet" in before
    assert "State a plan" in after
    assert "A supervisor states a plan" in reader
    assert "State a plan" not in reader


def test_a_plan_keeps_when_it_was_stated_and_how_much_had_been_seen(play):
    first = play.plan(expected="Ash helps.")
    play.run(first)
    play.sessions(1)
    second = play.plan()

    assert (first.sessions_before, first.runs_before) == (8, 0)
    assert (second.sessions_before, second.runs_before) == (9, 1)
    assert json.loads(first.content)["expected"] == "Ash helps."


def test_the_same_sessions_are_not_gone_through_twice_and_new_ones_are(db, play):
    plan = play.plan()
    first, again = play.run(plan), play.run(plan)
    play.sessions(1)
    later = play.run(plan)

    assert first.id == again.id
    assert (later.number, later.sessions) == (2, 9)
    assert later.data_hash != first.data_hash


def test_an_earlier_run_stays_readable_and_says_that_it_is_old(client, cast, play, run, ash):
    play.sessions(1)
    newer = play.run()
    page = text(client.as_(cast.rhys).get(f"{HOME}runs/1"))
    old = client.as_(cast.rhys).get(f"{HOME}{ash.id}")

    assert "There is a newer run of this framework" in page
    assert "are stale" in text(old)
    assert f"/patterns/{play.finding(newer, 'Ash').id}" in old.get_data(as_text=True)


def second_version(db, play, *, variables=(), **changed) -> str:
    """Version 2 of the same framework; its hash."""
    first = frameworks.version_by_hash(db, play.cast.study.id, play.framework)
    words = json.dumps(document(**changed) | {"variables": list(variables)})
    mark = hashlib.sha256(words.encode()).hexdigest()
    with writing(db):
        db.add(
            frameworks.FrameworkVersion(
                study_id=play.cast.study.id, framework_id=first.framework_id, number=2, hash=mark, title="Play", document=words,
                state="open", published_at=play.now,
            )
        )  # fmt: skip
    return mark


def test_indicators_that_were_changed_afterwards_carry_a_badge(client, cast, db, play):
    before = play.run()
    after = play.run(play.plan(framework=second_version(db, play, strong="moderate")))
    pages = [text(client.as_(cast.rhys).get(f"{HOME}runs/{run.number}")) for run in (before, after)]
    beside = text(client.as_(cast.rhys).get(f"{HOME}runs/1/beside/2"))

    assert [run.sessions for run in (before, after)] == [8, 8]
    assert "post-hoc" not in pages[0]
    assert "post-hoc 8 of the sessions were recorded under other indicators of it" in pages[1]
    assert beside.count("Ash") == 1
    assert "Both read the same 8 sessions" in beside
    play.sessions(2)
    later = play.run()
    assert "They do not read the same sessions" in text(
        client.as_(cast.rhys).get(f"{HOME}runs/1/beside/{later.number}")
    )


def test_a_new_version_alone_makes_nothing_post_hoc(client, cast, db, play):
    play.run(play.plan(framework=second_version(db, play, slug="play-again")))

    assert "post-hoc" not in text(client.as_(cast.rhys).get(f"{HOME}runs/1"))


def test_practice_refusals_and_subjects_without_consent_are_never_read(db, cast, clock):
    play = watched(db, cast, clock(), how_many=6)
    play.session(100, purpose="practice")
    play.session(101, consent="refused")
    hop = next(one for one in actions.studies.subjects(db, cast.study.id) if one.pseudonym == "Hop")
    study_actions.edit_subject(
        db, db.merge(cast.sadia), db.merge(cast.study), hop.id, pseudonym="Hop", attributes={}, consent="withdrawn", active=True,
        now=clock(),
    )  # fmt: skip
    run = play.run()

    assert run.sessions == 6
    assert {one.person for one in patterns.findings_of(db, run.id)} == set(play.subjects.values()) - {hop.id}


def test_whoever_takes_their_consent_back_is_on_no_page_and_in_no_export_any_more(
    client, cast, db, play, ash, clock
):
    study_actions.edit_subject(
        db, db.merge(cast.sadia), db.merge(cast.study), ash.person, pseudonym="Ash", attributes={}, consent="withdrawn", active=True,
        now=clock(),
    )  # fmt: skip
    browser = client.as_(cast.sadia)
    pages = [browser.get(HOME + path) for path in ("", "runs/1.json", "reviews", "runs/1/beside/1")]
    tables = [browser.get(f"/studies/lectures/exports/{name}.csv") for name in ("patterns", "evidence", "reviews")]

    assert not [
        one
        for one in (*pages, *tables)
        if ash.person in one.get_data(as_text=True) or ">Ash<" in one.get_data(as_text=True)
    ]
    assert {browser.get(f"{HOME}{ash.id}{kind}").status_code for kind in ("", ".json", ".pdf")} == {404}


@pytest.mark.parametrize(
    "table",
    [
        "pattern_plans",
        "pattern_runs",
        "pattern_findings",
        "pattern_reviews",
        "dissent_requests",
        "framework_proposals",
    ],
)
def test_the_database_itself_lets_nobody_change_what_was_inferred(db, table):
    statements = db.execute(
        sa.text("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = :t"), {"t": table}
    )

    assert {row.name for row in statements} == {f"{table}_no_update", f"{table}_no_delete"}


@pytest.mark.parametrize(
    "statement", ["UPDATE pattern_findings SET status = 'pattern'", "DELETE FROM pattern_runs"]
)
def test_a_finding_cannot_be_made_otherwise_by_anybody(db, run, statement):
    db.rollback()
    with pytest.raises(DatabaseError, match="only ever added to"):
        db.execute(sa.text(statement))
    db.rollback()


@pytest.mark.parametrize(
    ("who", "see", "ask"),
    [("owen", 403, 403), ("sadia", 200, 200), ("rhys", 200, 403), ("anya", 200, 403), ("nemo", 404, 404)],
)
def test_who_may_see_and_who_may_ask(client, cast, run, ash, who, see, ask):
    browser = client.as_(getattr(cast, who))

    for path in (
        "",
        "runs/1",
        "runs/1.json",
        str(ash.id),
        f"{ash.id}.json",
        f"{ash.id}.pdf",
        "reviews",
        "methods",
        "plans",
    ):
        assert browser.get(HOME + path).status_code == see, path
    assert browser.get(f"{HOME}plans/new").status_code == ask
    assert browser.post(f"{HOME}plans/1/run").status_code == (303 if ask == 200 else ask)


def test_a_finding_of_another_study_is_not_there(client, cast, ash):
    assert client.as_(cast.nemo).get(f"/studies/elsewhere/patterns/{ash.id}").status_code == 404
    assert client.as_(cast.nemo).get("/studies/elsewhere/patterns/runs/1").status_code == 404


def test_only_a_supervisor_of_the_study_asks_for_a_run(db, cast, play, clock):
    plan, study = play.plan(), db.merge(cast.study)

    with pytest.raises(NotAllowed):
        actions.ask(db, db.merge(cast.rhys), study, plan.id, now=clock())
    with pytest.raises(NotFound):
        actions.ask(db, db.merge(cast.nemo), study, plan.id, now=clock())


def test_a_run_given_up_keeps_nothing(db, cast, play, clock, monkeypatch):
    from observe.actions import jobs

    study, sadia = db.merge(cast.study), db.merge(cast.sadia)
    job = actions.ask(db, sadia, study, play.plan().id, now=clock())
    whole = actions.infer

    def meanwhile(*given):
        jobs.cancel(db, sadia, study, job.id, now=clock())
        return whole(*given)

    monkeypatch.setattr(actions, "infer", meanwhile)
    do(db, job.id, clock=clock)

    db.refresh(job)
    assert job.state == "cancelled"
    assert patterns.runs_of(db, study.id) == []


class TestAskingOnThePage:
    def test_stating_a_plan_and_looking_ends_at_the_run(self, client, cast, play):
        browser = client.as_(cast.sadia)
        given = {
            "framework": play.framework, "follows": "subjects", "situation": "setting", "together": "y", "smallest_effect": "0.25",
            "level": "0.9", "sure_of_effect": "0.8", "false_sign_rate": "0.05", "widest_interval": "2", "then": "run",
        }  # fmt: skip
        begun = browser.post(f"{HOME}plans/new", data=given)
        job = browser.get(begun.headers["Location"])
        end = browser.get(browser.get(job.headers["Location"]).headers["Location"])

        assert begun.status_code == 303
        assert "Of 8 people, 1 shows a pattern" in text(end)
        assert "The first look with this framework" in text(end)

    def test_a_plan_that_nothing_fits_says_so(self, client, cast, play):
        browser = client.as_(cast.sadia)
        given = {
            "framework": play.framework, "follows": "subjects", "situation": "setting", "since": "2030-01-01", "smallest_effect": "0.25",
            "level": "0.9", "sure_of_effect": "0.8", "false_sign_rate": "0.05", "widest_interval": "2", "then": "run",
        }  # fmt: skip

        assert "No session fits this plan." in text(browser.post(f"{HOME}plans/new", data=given))


def test_the_exported_tables_hold_the_finding_and_add_up(client, cast, run, ash):
    browser = client.as_(cast.anya)

    def rows(name):
        data = browser.get(f"/studies/lectures/exports/{name}.csv").get_data(as_text=True)
        return [row for row in csv.DictReader(io.StringIO(data, newline="")) if row["inference"] == ash.hash]

    [one] = rows("patterns")
    assert (one["status"], one["sentence"]) == ("pattern", ash.body["sentence"])
    assert sum(float(row["contribution"]) for row in rows("evidence")) == pytest.approx(
        float(one["mean"]), abs=1e-9
    )
    assert rows("reviews") == []


def test_no_figure_goes_out_where_there_is_not_enough_evidence(client, db, cast, clock):
    watched(db, cast, clock(), how_many=2).run()
    data = client.as_(cast.anya).get("/studies/lectures/exports/patterns.csv").get_data(as_text=True)

    found = list(csv.DictReader(io.StringIO(data, newline="")))
    assert len(found) == 8
    assert {(row["mean"], row["low"], row["p_above"]) for row in found} == {("", "", "")}


def test_the_dossier_on_paper_holds_both_sides(client, cast, ash):
    pypdf = pytest.importorskip("pypdf")
    reply = client.as_(cast.rhys).get(f"{HOME}{ash.id}.pdf")
    words = " ".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(reply.data)).pages)

    assert reply.mimetype == "application/pdf"
    for part in (
        "Supports the estimate",
        "Speaks against it",
        "A grown-up leads",
        "How would anyone know?",
        ash.hash[:20],
    ):
        assert part in re.sub(r"\s+", " ", words)


def test_where_the_framework_says_that_people_are_not_free_it_weighs_less_and_the_rival_says_so(db, cast, clock):
    play = watched(db, cast, clock(), how_many=0)
    place = {"id": "place", "label": "Place", "kind": "one-of", "partly_bound_when": ["lesson"], "bound_when": ["drill"],
             "options": [{"id": one, "label": one.title()} for one in ("break", "lesson", "drill")]}  # fmt: skip
    mark = second_version(db, play, variables=[place])
    for n in range(8):
        play.session(n, framework=mark, variables={"place": ("break", "lesson", "drill", "break")[n % 4]})

    run = play.run(play.plan(framework=mark))

    body = play.finding(run, "Ash").body
    role = next(one for one in body["rivals"] if one["id"] == "role")
    assert 0.5 < role["number"] < 1
    assert role["detail"] == "2 of 6 sessions left little choice, and weigh half"
    assert {one["choice"] for one in body["evidence"]["items"]} == {0.5, 1.0}
    left_out = patterns.head_of(db, run.id)["left_out"]
    assert sum("people could not act otherwise" in one for one in left_out) == 2


def test_without_such_words_everybody_is_taken_as_free_and_the_page_says_that_it_was_taken(play, run):
    role = next(one for one in play.finding(run, "Ash").body["rivals"] if one["id"] == "role")

    assert (role["number"], role["raised"]) == (1.0, False)
    assert role["detail"] == "taken as free: neither the framework nor a setting says when people are not"


def say(db, play, place, freedom, *, at):
    """Say of one of the two places how freely people can act there."""
    setting = studies.setting(db, play.cast.study.id, play.settings[place])
    study_actions.edit_setting(
        db, db.merge(play.cast.sadia), db.merge(play.cast.study), setting.id, setting.label, "", active=True,
        freedom=freedom, now=at,
    )  # fmt: skip


def test_what_is_done_in_a_setting_that_leaves_little_choice_weighs_half(db, client, cast, clock):
    play = watched(db, cast, clock(), how_many=0)
    say(db, play, "room", Freedom.PARTLY_BOUND, at=datetime(2023, 1, 1, tzinfo=UTC))
    play.sessions(8)

    run = play.run()

    ash = play.finding(run, "Ash")
    role = next(one for one in ash.body["rivals"] if one["id"] == "role")
    weighed = {(one["situation"], one["choice"]) for one in ash.body["evidence"]["items"]}
    page = text(client.as_(cast.rhys).get(HOME))
    assert weighed == {(play.settings["room"], 0.5), (play.settings["yard"], 1.0)}
    assert role["detail"] == "4 of 8 sessions left little choice, and weigh half"
    assert 0.5 < role["number"] < 1
    assert "room: hardly otherwise: acts count half." in page
    assert "had begun before this was said" not in page


def test_what_is_said_of_a_setting_afterwards_makes_another_run_and_is_called_post_hoc(db, client, cast, play):
    first = play.run()
    say(db, play, "room", Freedom.BOUND, at=datetime(2026, 1, 1, tzinfo=UTC))

    second = play.run()

    page = text(client.as_(cast.rhys).get(HOME))
    assert first.hash != second.hash
    assert patterns.head_of(db, first.id)["freedoms"] == []
    assert {one["choice"] for one in play.finding(second, "Ash").body["evidence"]["items"]} == {1.0}
    assert "post-hoc 4 of its sessions had begun before this was said" in page
    assert sum("could not act otherwise" in one for one in patterns.head_of(db, second.id)["left_out"]) == 4


def test_saying_the_same_of_a_setting_again_keeps_when_it_was_said(db, cast, play):
    say(db, play, "room", Freedom.FREE, at=datetime(2023, 1, 1, tzinfo=UTC))
    say(db, play, "room", Freedom.FREE, at=datetime(2026, 1, 1, tzinfo=UTC))

    setting = studies.setting(db, cast.study.id, play.settings["room"])
    role = next(one for one in play.finding(play.run(), "Ash").body["rivals"] if one["id"] == "role")
    assert setting.freedom_at == datetime(2023, 1, 1, tzinfo=UTC)
    assert (role["number"], role["detail"]) == (1.0, "")


def test_what_is_followed_cannot_be_its_own_situation(play):
    with pytest.raises(actions.NobodyToCompareWith):
        play.plan(follows="setting", situation="setting")


def test_patterns_of_settings_are_put_into_words_of_settings(db, play):
    run = play.run(play.plan(follows="setting", situation="daypart"))

    said = patterns.findings_of(db, run.id)
    words = " ".join(one for row in said for one in row.body["missing"])

    assert "settings watched in the same situations" in words
    assert "people" not in words
    assert patterns.head_of(db, run.id)["unit"] == {"one": "setting", "many": "settings"}
