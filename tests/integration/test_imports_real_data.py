"""Other people's observations, taken in as a tablet's uploads are, come to the figures that were published."""

from __future__ import annotations

import re

import pytest
from click.testing import CliRunner

from frameworks.convert.boris import read_project
from frameworks.schema import dump
from observe.actions import imports
from observe.actions import records as coding
from observe.actions.doing import Console
from observe.cli import main
from observe.core import budget as budgets
from observe.documents.importers import copus, fillplus
from observe.store import records
from tests.factories.field import publish
from tests.real_data import real_data

__all__ = ["real_data"]
HOME = "/studies/lectures/sessions/budget"


def text(reply) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", reply.get_data(as_text=True)))


@pytest.fixture
def lectures(real_data, db, cast, clock):
    mark = publish(db, cast.study, clock())
    words = (real_data / "fillplus" / fillplus.FILE).read_text(encoding="utf-8")

    def take():
        return imports.foreign(
            db, Console(), db.merge(cast.study), fillplus.read(words), framework=mark, observer="owen@example.org",
            label="FILL+", now=clock(),
        )  # fmt: skip

    done = take()
    db.rollback()
    return done, take


def test_208_lectures_come_in_whole_and_a_second_time_change_nothing(lectures):
    done, take = lectures

    again = take()

    assert (done.sessions, done.aside, done.had) == (208, {}, 0)
    assert (again.sessions, again.stored, again.had, again.aside) == (208, 0, done.stored, {})


def test_lecturer_talk_is_as_published_on_the_studys_page(lectures, client, cast, db):
    page = text(client.as_(cast.sadia).get(HOME))

    assert "208 sessions" in page
    talk = re.search(r"Lecturer talk as a share of the lecture.*? (\d+\.\d\d) (\d+\.\d\d) ", page)
    question = re.search(r"Lecturer questions as a share of the lecture.*? (\d+\.\d\d) (\d+\.\d\d) ", page)
    assert talk and talk.groups() == ("79.29", "19.01")
    assert question and question.groups() == ("2.08", "2.58")


def test_with_administration_kept_and_pooled_it_is_another_figure_with_another_name(lectures, client, cast):
    page = text(client.as_(cast.sadia).get(HOME))

    row = re.search(r"Lecturer talk Activity proportion of observed time (\S+) (\S+) (\S+) ", page)
    assert row and row.groups() == ("0.7791", "0.1890", "0.7758")


@pytest.fixture
def observations(real_data, db, cast, clock):
    mark = publish(db, cast.study, clock(), copus.FRAMEWORK, dump(copus.cut().framework))
    words = (real_data / "copus-ubc" / copus.FILE).read_text(encoding="utf-8")
    done = imports.foreign(
        db, Console(), db.merge(cast.study), copus.read(words), framework=mark, observer="owen@example.org", label="COPUS",
        now=clock(),
    )  # fmt: skip
    db.rollback()
    return done


PUBLISHED = {
    "11": {"I_FUp": (0.3015298, 0.2239104), "I_Lec": (0.6415056, 0.2001084), "S_AnQ": (0.2083333, 0.1909407)},
    "12": {"I_RtW": (0.3649902, 0.2586767), "I_CQ": (0.1942466, 0.1904896), "I_FUp": (0.4514269, 0.1698411)},
}
"""mean and SD of the fraction of intervals, a unit for each instructor × semester"""


def test_52_copus_observations_come_to_the_twelve_published_figures(observations, db, cast, clock):
    import json

    assert (observations.sessions, observations.aside) == (52, {})
    rows = records.of_study(db, cast.study.id)
    variables = {row.id: json.loads(row.header)["variables"] for row in rows}
    for course, expected in PUBLISHED.items():
        some = [row for row in rows if variables[row.id]["course"] == course]
        units = {row.id: (variables[row.id]["instructor"], variables[row.id]["semester"]) for row in some}
        coded = [(one.session.id, one.sums) for one in coding.coded(db, some, now=clock())]
        found = {line.code: line for line in budgets.over_sessions(coded, units)}
        for code, (mean, deviation) in expected.items():
            assert found[code].mean == pytest.approx(mean, abs=5e-8)
            assert found[code].deviation == pytest.approx(deviation, abs=5e-8)
            assert found[code].name == "fraction of intervals (partial interval)"


def test_the_page_shows_them_with_their_unit_and_never_as_time(observations, client, cast):
    address = f"{HOME}?unit=variable:instructor%2Bsemester&where=course%3D11"
    page = text(client.as_(cast.sadia).get(address))

    row = re.search(r"(\S+) \(partial interval\) 0\.6415 0\.2001", page)
    assert row and row.group(1) == "intervals"
    assert "over instructor+semester" in page
    assert "% of time" not in page


def test_averaging_over_observations_is_another_figure(observations, client, cast):
    page = text(client.as_(cast.sadia).get(f"{HOME}?where=course%3D11"))

    assert re.search(r"fraction of intervals \(partial interval\) 0\.2683 0\.2144", page)


def test_the_copus_command_shows_no_figure_for_what_its_table_does_not_have(real_data, app, client, cast):
    words = [
        "import",
        "copus",
        str(real_data / "copus-ubc"),
        "--study",
        "lectures",
        "--observer",
        "owen@example.org",
    ]

    done = CliRunner().invoke(main, words, obj=app)

    assert done.stdout == "52 sessions: 2627 events stored, 0 were there already.\n", done.output
    assert done.stderr.startswith("COPUS: taking in 52 sessions …\n")
    assert "The formula “Lecturing among all codes ticked” is left out." in done.stderr
    page = text(client.as_(cast.sadia).get("/studies/lectures/frameworks/copus-eight-codes"))
    assert copus.BECAUSE in page
    shown = text(client.as_(cast.sadia).get(HOME))
    assert "Moving and guiding" in shown
    assert not any(word in shown for word in ("Listening", "Posing a question", "One to one"))


def test_a_boris_project_comes_in_by_the_command_and_a_second_time_changes_nothing(
    real_data, app, db, cast, clock
):
    file = real_data / "boris" / "test.boris"
    project = read_project(file.read_bytes())
    publish(db, cast.study, clock(), project.framework.slug, dump(project.framework))
    words = ["import", "boris", str(file), "--study", "lectures", "--observer", "owen@example.org"]

    first, again = (CliRunner().invoke(main, words, obj=app) for _ in range(2))

    db.rollback()
    rows = records.of_study(db, cast.study.id)
    assert (first.exit_code, again.exit_code) == (0, 0), first.output
    assert len(rows) == len(project.observations) > 0
    assert "0 events stored" in again.output
    coded = list(coding.coded(db, rows, now=clock()))
    assert sum(len(one.timeline.bouts) + len(one.timeline.points) for one in coded) > 10
    assert {one.timeline.ended for one in coded} == {True}
