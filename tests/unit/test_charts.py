"""Charts say the same in a picture, in words, and without any inline style or script."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree

import pytest

from observe.documents import charts
from observe.documents.charts import Cell, Chart, Estimate, Stretch

EVERY = {
    "dots": charts.dots(
        [Estimate("P01", 0.5, 0.2, 0.8, 0.4, 0.6), Estimate("P02", None, note="not enough evidence")],
        axis="imputed, relative to peers", description="Two persons", zero=True,
    ),
    "shares": charts.shares([("s1", "talk", 0.7), ("s1", "ask", 0.3)], axis="share of observed time", description="Shares"),
    "raster": charts.raster([Stretch("P01", "talk", 0, 30, "#123456"), Stretch("P01", "nod", 12, 12)], axis="s", description="Raster"),
    "matrix": charts.matrix([Cell("a", "a", 3, "3"), Cell("a", "b", None, "–")], across="second", down="first", description="Table"),
    "trend": charts.trend([("P01", "2026-01-02", Estimate("", 1, 0, 2)), ("P01", "2026-02-02", Estimate("", 2, 1, 3))], axis="per hour", description="Trend"),
    "transitions": charts.transitions(["a", "b"], [("a", "b", 0.5), ("b", "a", 0.2), ("a", "a", 0.5)], description="Transitions"),
}  # fmt: skip


@pytest.mark.parametrize("chart", EVERY.values(), ids=EVERY.keys())
def test_a_chart_is_well_formed_named_and_has_nothing_that_a_content_policy_forbids(chart: Chart) -> None:
    root = ElementTree.fromstring(chart.svg)

    assert root.get("role") == "img"
    assert root.get("aria-label") == chart.description
    assert not re.search(r"\sstyle=|<script|<style|\son\w+=|href=", chart.svg)


def test_what_is_not_known_is_said_in_the_row_where_it_would_stand() -> None:
    assert "not enough evidence" in EVERY["dots"].svg
    assert "P02" in EVERY["dots"].svg


def test_the_colour_that_a_framework_gives_a_code_is_used() -> None:
    assert "#123456" in EVERY["raster"].svg


def test_labels_are_text_and_never_markup() -> None:
    chart = charts.matrix([Cell("<b>&", "x", 1, "1")], across="", down="", description='"><script>')

    assert "<b>" not in chart.svg
    assert "<script>" not in chart.svg


def test_a_transition_there_and_one_back_are_two_lines() -> None:
    assert EVERY["transitions"].svg.count("mark-trail") >= 1
    there = charts._bend((0, 1), (1, 0), 0.5)
    back = charts._bend((1, 0), (0, 1), 0.5)
    assert (there[8]["x"], there[8]["y"]) != (back[8]["x"], back[8]["y"])


def test_sixteen_codes_without_colours_of_their_own_are_sixteen_colours():
    stretches = [charts.Stretch("one", f"code {n}", n, n + 1) for n in range(16)]

    drawn = charts.raster(stretches, axis="minutes", description="Sixteen codes.").svg

    assert all(colour in drawn for colour in charts.PALETTE + charts.MORE)


def test_long_names_of_columns_have_room_beside_each_other():
    def width(*names: str) -> float:
        cells = [Cell("row", name, 1.0, "1") for name in names]
        drawn = charts.matrix(cells, across="", down="", description="Columns.").svg
        found = re.search(r'<svg [^>]*width="([\d.]+)"', drawn)
        assert found
        return float(found.group(1))

    assert width("goaloriented", "adultseeking") - width("a", "b") >= 2 * (12 * 7 - 52)


def test_days_stand_on_an_axis_of_days_each_once() -> None:
    def axis(*days: str) -> list[str]:
        points = [("checks", f"{day}T10:05:00", Estimate("", 0.9)) for day in days]
        drawn = charts.trend(points, axis="alpha", description="Checks.").svg
        return re.findall(r">(\d{1,2} \w{3}(?: \d{4})?)<", drawn)

    assert axis("2026-11-09", "2026-11-12") == ["10 Nov", "11 Nov", "12 Nov"]
    assert all(" 2027" in one or " 2026" in one for one in axis("2026-11-09", "2027-03-12"))


def test_a_moment_is_drawn_where_it_is_and_read_as_a_clock() -> None:
    stretches = [Stretch("Owen", "Talk", 400.0, 416.0), Stretch("Olga", "Talk", 404.0, 416.0)]

    drawn = charts.raster(stretches, axis="common time", description="Around 6:48.", around=True).svg

    assert "6:50" in drawn
    assert "0:00" not in drawn


def test_a_name_that_is_too_long_for_its_ring_stands_beside_it_with_its_loop() -> None:
    edges = [("No play", "Aimless", 0.4), ("No play", "No play", 0.25)]

    assert "No play ↺ 0.25" in charts.transitions(["No play", "Aimless"], edges, description="Two codes.").svg
    assert ">↺ 0.25<" in charts.transitions(["NP", "A"], [("NP", "NP", 0.25)], description="Two codes.").svg


def test_shares_are_spelt_as_everywhere_else() -> None:
    words = re.findall(r">([0-9]+ ?%)<", EVERY["shares"].svg)

    assert words[0] == "0 %" and words[-1] == "100 %"
    assert all(" %" in one for one in words)


def test_a_rows_name_is_not_cut_before_what_tells_it_from_others():
    name = "14 Jul 2017 09:47 · yellow 2017-07-14-103610065352 · "
    names = [f"{name}Bearing", f"{name}Play"]
    tracks = charts.raster([Stretch(one, "Passive", 0, 5) for one in names], axis="minutes", description="Seen")
    figures = charts.dots([Estimate(one, 0.5) for one in names], axis="share", description="Figures")

    for one in names:
        assert f">{one}</text>" in tracks.svg
        assert f">{one}</text>" in figures.svg


def test_the_same_rows_are_drawn_once_and_other_rows_or_words_anew(monkeypatch):
    done = []
    draw = charts.vl_convert.vegalite_to_svg
    monkeypatch.setattr(charts.vl_convert, "vegalite_to_svg", lambda spec: done.append(spec) or draw(spec))

    def drawn(count: float, words: str) -> Chart:
        return charts.matrix([Cell("once", "once", count, "x")], across="", down="", description=words)

    first, again = drawn(1.25, "Table of one"), drawn(1.25, "Table of one")
    assert (first, len(done)) == (again, 1)
    assert drawn(1.5, "Table of one").svg != first.svg
    assert 'aria-label="Another"' in drawn(1.25, "Another").svg
    assert len(done) == 3
