"""Figures over a study: asked in the address, worked out once, each with its name and its table."""

from __future__ import annotations

import json
import re
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa

from observe.actions import analysis
from observe.actions.analysis import Query
from observe.store.jobs import Job
from observe.web.questions import axis_names
from tests.factories.field import Field, a_field, enrol, publish
from tests.factories.uploads import event, some_id, talk

HOME = "/studies/lectures/analysis/"
ONE, TWO, THREE = some_id("one"), some_id("two"), some_id("three")


@pytest.fixture
def settings() -> dict[str, Any]:
    return {"QUEUE": "inline"}


@pytest.fixture
def field(db, cast, clock) -> Field:
    nemos = a_field(db, cast.other, cast.nemo, clock(), "fill-plus")
    nemos.record(some_id("nemo's"), talk(some_id("nemo's"), ["AD", "FB"] * 30))
    made = a_field(db, cast.study, cast.owen, clock())
    made.record(ONE, talk(ONE, ["LT", "LT", "LQ", "SR"]))
    made.record(TWO, talk(TWO, ["LT", "SR", "LQ", "SR"]), observer=cast.olga.id, variables={"room": "4"})
    made.record(THREE, talk(THREE, ["AD"] * 4), purpose="practice")
    db.rollback()
    return made


def text(reply) -> str:
    drawn = re.sub(r"<svg.*?</svg>", " ", reply.get_data(as_text=True), flags=re.S)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", drawn))


def jobs_of(db) -> list[tuple[str, str]]:
    db.rollback()
    return [(job.kind, job.state) for job in db.scalars(sa.select(Job).order_by(Job.asked_at))]


def test_a_code_has_its_figure_by_name_its_denominator_and_its_units(client, field, cast):
    page = text(client.as_(cast.sadia).get(HOME, follow_redirects=True))

    row = re.search(r"Lecturer talk proportion of observed time (\S+) (\S+) to (\S+) (\S+) (\S+) (\d+) ", page)
    assert row and row.groups() == ("0.3750", "0.0000", "1.0000", "0.1768", "0.3750", "2")
    assert "over 2 sessions" in page
    assert "Practice and refused" not in page


def test_practice_of_observers_and_other_studies_are_in_no_figure(client, field, cast):
    page = text(client.as_(cast.sadia).get(HOME, follow_redirects=True))

    assert re.search(r"Administration proportion of observed time 0\.0000", page)
    assert re.search(r"Feedback proportion of observed time 0\.0000", page)


def test_a_filter_in_the_address_narrows_the_figures_and_stands_in_every_link(client, field, cast):
    page = client.as_(cast.sadia).get(f"{HOME}?where=room%3D4", follow_redirects=True)

    assert "over 1 session" in text(page)
    assert re.search(r"Lecturer talk proportion of observed time 0\.2500", text(page))
    assert "budget.csv?where=room%3D4" in page.get_data(as_text=True)


def test_variables_that_the_sessions_have_are_offered_with_their_values(client, field, cast):
    page = client.as_(cast.sadia).get(f"{HOME}?v.room=4", follow_redirects=True)

    words = page.get_data(as_text=True)
    assert "over 1 session" in text(page)
    assert re.search(r'<select id="f-v.room" name="v.room"><option value="">any</option>', words)
    assert '<option value="4" selected>4</option>' in words
    assert 'name="where"' not in words
    assert "budget.csv?v.room=4" in words


def test_a_value_with_a_comma_can_be_asked_for_and_values_stand_in_their_order():
    def row(**variables):
        return SimpleNamespace(header=json.dumps({"variables": variables}))

    rows = [row(size=10, place="Hall, east"), row(size=9, place="Hall"), row(size=None, marks=[1])]

    assert analysis.values_of(rows) == {"place": ["Hall", "Hall, east"], "size": [9, 10]}
    asked = ",".join([analysis.condition("place", "Hall, east"), analysis.condition("size", "10")])
    assert [analysis.matches(one, asked) for one in rows] == [True, False, False]
    assert analysis.matches(rows[1], "place=Hall, size=9")


def test_the_same_question_is_worked_out_once_and_again_when_a_log_has_grown(client, field, cast, db):
    sadia = client.as_(cast.sadia)
    sadia.get(HOME, follow_redirects=True)
    sadia.get(HOME, follow_redirects=True)
    assert jobs_of(db) == [("analysis", "done")]

    field.record(some_id("late"), talk(some_id("late"), ["LT"] * 4))
    page = sadia.get(HOME, follow_redirects=True)

    assert jobs_of(db) == [("analysis", "done"), ("analysis", "done")]
    assert "over 3 sessions" in text(page)


def test_consent_taken_back_is_another_question(db, field, cast):
    rows = analysis.rows_of(db, cast.study.id, Query(framework=field.framework))
    before = analysis.key_of(db, cast.study.id, "analysis", rows, {})

    from observe.actions import studies

    made = studies.add_subject(db, cast.sadia, cast.study, "P1", consent="refused", now=field.now)

    assert made.consent == "refused"
    assert analysis.key_of(db, cast.study.id, "analysis", rows, {}) != before


def test_a_happening_seen_by_two_can_count_once(client, field, cast):
    together = some_id("together")
    for who in (cast.owen, cast.olga):
        session = some_id("both", who.name)
        field.record(session, talk(session, ["LT"] * 4), observer=who.id, happening=together)
    sadia = client.as_(cast.sadia)

    assert "1 happening was seen by several observers and counts for each" in text(
        sadia.get(HOME, follow_redirects=True)
    )
    assert "over 3 sessions" in text(sadia.get(f"{HOME}?once=1", follow_redirects=True))


@pytest.mark.parametrize(
    ("who", "status"), [("sadia", 200), ("anya", 200), ("rhys", 200), ("owen", 403), ("nemo", 404)]
)
def test_only_who_may_see_analyses_sees_them(client, field, cast, who, status):
    assert client.as_(getattr(cast, who)).get(HOME, follow_redirects=True).status_code == status


def test_a_reviewer_starts_nothing_and_is_told_who_can(client, field, cast, db):
    page = text(client.as_(cast.rhys).get(HOME))

    assert "A supervisor or an analyst who opens this page has it worked out" in page
    assert jobs_of(db) == []


def test_tables_go_as_csv_and_the_page_as_pdf(client, field, cast):
    sadia = client.as_(cast.sadia)
    sadia.get(HOME, follow_redirects=True)

    lines = sadia.get(f"{HOME}budget.csv").get_data(as_text=True).splitlines()
    printed = sadia.get(f"{HOME}analysis.pdf")

    assert lines[0].startswith("stream,code,kind,figure,mean,sd,low,high,pooled,count")
    assert any(line.startswith("activity,LT,state,proportion of observed time,0.375,") for line in lines)
    assert (printed.mimetype, printed.data[:5]) == ("application/pdf", b"%PDF-")
    assert sadia.get(f"{HOME}people.csv").status_code == 404


@pytest.mark.parametrize("page", ["analysis/", "sequences/", "windows/", "agreement/"])
def test_a_study_without_sessions_says_what_is_missing_and_asks_nobody_to_work_it_out(client, cast, db, page):
    reply = client.as_(cast.sadia).get(f"/studies/lectures/{page}")

    assert reply.status_code == 200
    assert "No session has come in" in text(reply)
    assert jobs_of(db) == []


def test_filters_in_use_are_named_where_they_are_folded_away_and_can_be_taken_back(client, field, cast):
    page = client.as_(cast.sadia).get(f"{HOME}?v.room=4&hours=22-23&once=1", follow_redirects=True)
    nothing = client.as_(cast.sadia).get(f"{HOME}?v.room=9", follow_redirects=True)

    assert (
        "Which sessions Room: 4 Begun between the hours: 22-23 A happening seen by several: counts once"
        in text(page)
    )
    assert "none that these filters let through" in text(nothing)
    assert "Which sessions Room: 9 Colour: blue" in text(
        client.as_(cast.sadia).get(f"{HOME}?v.room=9&v.colour=blue", follow_redirects=True)
    )
    assert nothing.get_data(as_text=True).count(">Show all again</a>") == 2
    assert "Show all again" not in text(client.as_(cast.sadia).get(HOME, follow_redirects=True))


def test_an_import_that_names_a_day_and_no_time_has_no_hours_of_the_day(client, field, cast):
    day = 1_700_006_400_000
    for name in ("dated", "dated too"):
        field.record(
            some_id(name), talk(some_id(name), ["LT", "SR"]), started=day, offset=0, variables={"room": "7"}
        )

    reply = client.as_(cast.sadia).get(f"{HOME}?v.room=7", follow_redirects=True)
    page, drawn = text(reply), reply.get_data(as_text=True)

    assert "of these sessions the day is known, and not the time at which they began" in page
    assert "15 Nov 2023" in drawn
    assert "15 Nov 2023 00:00" not in drawn


def test_a_minus_is_a_minus_and_nothing_has_none(app):
    with app.test_request_context():
        made = app.jinja_env.get_template("analysis/macros.html").make_module({})

    assert [str(made.value(one)) for one in (-0.25, -0.0004, 0.0, 0.1)] == ["−0.250", "0.000", "0.000", "0.100"]
    assert str(made.range(-0.5, -0.00001, 2)) == "−0.50\u00a0to\u00a00.00"


@pytest.mark.parametrize(
    ("labels", "names"),
    [
        ({"AD": "Administration", "LT": "Lecturer talk"}, ["AD", "LT"]),
        ({"goaloriented": "Goal-oriented", "noplay": "No play"}, ["Goal-oriented", "No play"]),
        ({"one-true": "true", "two-true": "true"}, ["one-true", "two-true"]),
        ({"c1": "Code1", "c2": "Code2"}, ["Code1", "Code2"]),
    ],
)
def test_codes_stand_on_an_axis_by_short_ids_or_else_by_their_labels(labels, names):
    assert list(axis_names(list(labels), labels).values()) == names


def test_a_share_of_intervals_is_never_called_time(client, cast, db, clock):
    made = a_field(db, cast.study, cast.owen, clock(), "copus")
    session = some_id("copus")
    rows = [
        event(session, 1, "open", 0),
        event(session, 2, "tick", 60_000, stream="instructor", interval=0, code="I_Lec"),
    ]
    made.record(session, [*rows, event(session, 3, "end", 240_000, count=3)])

    page = text(client.as_(cast.sadia).get(HOME, follow_redirects=True))

    assert re.search(r"fraction of intervals \(partial interval\) 0\.5000", page)
    assert not re.search(r"(?:%|proportion) of (?:observed )?time 0\.5", page)
    assert "2 intervals watched" in page


def test_what_follows_what_is_counted_within_sessions_and_as_published_by_hand(client, field, cast):
    page = text(client.as_(cast.sadia).get("/studies/lectures/sequences/", follow_redirects=True))

    assert "5 transitions to the next code in 2 uninterrupted runs" in page
    assert re.search(r"Lecturer question Student response 2 \d\.\d\d 1\.000", page)
    assert "Few data for the tests" in page
    far = [float(z) for z in re.findall(r"expected \(z (-?\d+\.\d+); p, max-T", page)]
    assert all(abs(z) >= 1.96 for z in far)
    assert ("None does here." in page) == (not far)


def test_columns_are_brought_up_by_a_command_and_only_what_changed_is_derived(app, field):
    from click.testing import CliRunner

    from observe.cli import main

    words = ["columns", "rebuild", "--study", "lectures"]
    first = CliRunner().invoke(main, words, obj=app)
    again = CliRunner().invoke(main, words, obj=app)

    assert first.output == again.output
    assert first.output.startswith("3 sessions in 1 segments")


WINDOWS = "/studies/lectures/windows/"


def test_what_begins_soon_after_is_counted_in_seconds_with_the_window_in_the_address(client, field, cast):
    page = text(client.as_(cast.sadia).get(f"{WINDOWS}?given=LQ&target=SR&window=1", follow_redirects=True))

    # LT LT LQ SR and LT SR LQ SR, a second each: LQ is near two of four seconds in both, SR begins in one of them and,
    # in the second session, in one other
    assert re.search(
        r"Student response 2 2 1 3 50\.00 25\.00 0\.500 1\.10 −?\d\.\d\d to \d\.\d\d (\d\.\d\d\d) \1 \1 ", page
    )
    assert re.search(r"Student response 2 1\.10 rests on one subject – 1 0 ", page)
    assert "up to 1 s before it" in page


def test_every_code_is_a_target_of_its_own_and_goes_as_csv_and_pdf(client, field, cast):
    sadia = client.as_(cast.sadia)
    page = sadia.get(f"{WINDOWS}?given=LQ&window=1", follow_redirects=True)

    pairs = sadia.get(f"{WINDOWS}pairs.csv?given=LQ&window=1").get_data(as_text=True).splitlines()
    each = sadia.get(f"{WINDOWS}subjects.csv?given=LQ&window=1").get_data(as_text=True).splitlines()

    assert "pairs of this page" in text(page)
    assert pairs[0].startswith(
        "window_s,by,given,target,both,near_only,target_only,neither,near,elsewhere,q,log_odds"
    )
    assert "1.0,same,LQ,SR,2,2,1,3,0.5,0.25,0.5" in [",".join(line.split(",")[:11]) for line in pairs]
    assert not any(line.startswith("1.0,same,LQ,LQ") for line in pairs)
    assert len([line for line in each if ",LQ,SR," in line]) == 2
    assert sadia.get(f"{WINDOWS}windows.pdf?given=LQ&window=1").data[:5] == b"%PDF-"
    assert sadia.get(f"{WINDOWS}people.csv").status_code == 404


def test_a_framework_without_moments_says_that_there_is_nothing_to_count(client, cast, db, clock):
    made = a_field(db, cast.study, cast.owen, clock(), "copus")
    made.record(
        some_id("copus"),
        [event(some_id("copus"), 1, "open", 0), event(some_id("copus"), 2, "end", 240_000, count=2)],
    )

    assert "No code of this framework begins at a moment" in text(client.as_(cast.sadia).get(WINDOWS))


def test_sessions_of_one_moment_are_drawn_one_under_the_other(client, field, cast):
    again = some_id("owen again")
    field.record(again, talk(again, ["SR", "LT", "SR", "LT"]))

    drawn = client.as_(cast.sadia).get(HOME, follow_redirects=True).get_data(as_text=True)

    for track in ("14 Nov 2023 22:13 Owen", "14 Nov 2023 22:13 Olga", "14 Nov 2023 22:13 Owen (2)"):
        assert f">{track}</text>" in drawn


def test_hours_stand_in_the_order_of_the_framework(client, field, cast):
    page = client.as_(cast.sadia).get(HOME, follow_redirects=True).get_data(as_text=True)
    picture = page[page.index('id="hours"') :].partition("</svg>")[0]

    found = re.findall(r">(Lecturer talk|Lecturer question|Student response)</text>", picture)
    assert found == ["Lecturer talk", "Lecturer question", "Student response"]


def test_a_part_of_each_session_is_read_by_itself_and_said(client, field, cast):
    sadia = client.as_(cast.sadia)

    part = text(sadia.get(f"{HOME}?part=0-0.05&where=room%3D4", follow_redirects=True))
    order = text(sadia.get("/studies/lectures/sequences/?part=0-0.05", follow_redirects=True))

    # LT SR LQ SR, a second each: of the first three seconds one is talk
    assert re.search(r"Lecturer talk proportion of observed time 0\.3333 ", part)
    assert "minutes 0 to 0.05; what reaches in or out is cut there and censored" in part
    assert "3 transitions to the next code in 2 uninterrupted runs" in order  # of five in the whole sessions


@pytest.mark.parametrize(
    ("filters", "sessions"),
    [("hours=22-23", 2), ("hours=9-12", 0), ("hours=20-2", 2), ("consent=stated", 2), ("consent=not-needed", 0), ("hours=at+ten", 2)],
)  # fmt: skip
def test_hours_of_the_day_and_consent_narrow_what_is_read(client, field, cast, filters, sessions):
    page = text(client.as_(cast.rhys).get(f"{HOME}?{filters}"))

    assert f"over {sessions} sessions" in page


COUNTS = {
    "schema": "observe-framework/1", "slug": "square", "title": "Square",
    "actors": [{"id": "people", "label": "People", "seen_as": "counted"}],
    "streams": [
        {"id": "staying", "label": "Staying", "actors": ["people"], "sampling": {"kind": "area-count", "length_ms": 60000},
         "crossed": [{"id": "age", "label": "Age", "options": [{"id": "young", "label": "Young"}, {"id": "old", "label": "Old"}]}]},
        {"id": "end", "label": "At the end", "actors": ["people"], "sampling": {"kind": "rating", "rated_at": "any"},
         "ratings": [{"id": "calm", "label": "Calm", "values": [{"value": 1, "label": "Not"}, {"value": 2, "label": "Rather"}, {"value": 3, "label": "Very"}]}]},
    ],
}  # fmt: skip


def test_persons_counted_are_per_scan_and_of_all_persons_and_judgements_are_a_distribution(
    client, cast, db, clock
):
    mark, device = publish(db, cast.study, clock(), "square", COUNTS), enrol(db, cast.study, clock())
    field = Field(db, cast.study, mark, device, cast.owen, clock())
    for number, (young, old, rated) in enumerate([(3, 1, 1), (0, 0, 3), (1, 1, 3)]):
        session = some_id("square", number)
        cells = [{"cell": {"age": name}, "n": n} for name, n in (("young", young), ("old", old)) if n]
        field.record(session, [
            event(session, 1, "open", 0),
            event(session, 2, "scan", 60_000, stream="staying", sample=0, counts=cells),
            event(session, 3, "rate", 61_000, rating="calm", value=rated),
            event(session, 4, "end", 62_000, count=4),
        ])  # fmt: skip
    page = text(client.as_(cast.sadia).get(HOME, follow_redirects=True))

    assert re.search(
        r"All counted persons per scan 2\.0000 \S+ to \S+ 2\.0000 2\.0000 6 – 3 scans, 3 missed 3", page
    )
    assert re.search(r"Age: Young persons per scan 1\.3333 .*? 1\.3333 4 – 3 scans, 3 missed 3", page)
    assert re.search(r"Age: Young fraction of persons counted 0\.6250 .*? 0\.6667 4 – 6 persons 2", page)
    assert "Calm 1 Not 1 0.333 0.333 1" in page
    assert '<th scope="rowgroup" rowspan="2">Calm</th>' in client.as_(cast.sadia).get(HOME).get_data(as_text=True)
    assert "3 Very median 2 0.667 1.000 2" in page
