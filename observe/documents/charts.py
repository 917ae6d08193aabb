"""Charts as SVG text: the same picture in a page and in a PDF, without a script and without inline styles.

Every function takes plain rows and gives a `Chart`. A chart never stands alone: the page shows the table beside it.
Colours are those of Okabe & Ito (2008), which people with any colour vision can tell apart; code colours given by a
framework come first. Times are seconds, shares are 0 to 1.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import lru_cache, wraps
from html import escape
from typing import Any, ParamSpec

import altair as alt
import vl_convert

PALETTE = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#8c7a00", "#6b6b6b")
MORE = ("#003f63", "#8a5f00", "#005c44", "#7e4768", "#a8d8f0", "#8a3d00", "#c9b95c", "#adadad")
"""darker or lighter, for the ninth code and those after it: two codes of one picture never look alike before the 17th"""
INK = "#1f2933"
FAINT = "#5b6770"
FONT = "DejaVu Sans, Liberation Sans, Arial, sans-serif"
WIDTH = 560
ROW = 24
LONG_NAME = 480
"""pixels of a row's name: what tells rows apart stands at its end, and cutting names takes most of the drawing"""


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture and the sentence that stands for it where pictures cannot be seen."""

    svg: str
    description: str


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with its intervals; None where there is not enough evidence for one."""

    label: str
    middle: float | None
    low: float | None = None
    high: float | None = None
    inner_low: float | None = None
    inner_high: float | None = None
    group: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Something on a track from `start` to `end`; a point when both are the same."""

    track: str
    label: str
    start: float
    end: float
    colour: str = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a matrix; `text` is what is written in it."""

    row: str
    column: str
    value: float | None
    text: str


def _theme(chart: Any) -> Any:
    return (
        chart.configure(font=FONT, background="transparent")
        .configure_axis(labelColor=INK, titleColor=FAINT, gridColor="#e3e8ec", domainColor="#9aa5b1", labelFontSize=12, titleFontSize=12, labelLimit=220)
        .configure_legend(labelColor=INK, titleColor=FAINT, labelFontSize=12, titleFontSize=12)
        .configure_view(stroke=None)
        .configure_header(labelColor=INK, titleColor=FAINT, labelFontSize=12)
    )  # fmt: skip


P = ParamSpec("P")


def once(draw: Callable[P, Chart]) -> Callable[P, Chart]:
    """The same picture is made once for the page, the page again and the PDF: making it takes most of a page's time."""
    kept: Callable[..., Chart] = lru_cache(maxsize=64)(draw)

    @wraps(draw)
    def given(*rows: P.args, **words: P.kwargs) -> Chart:
        sequences: tuple[Any, ...] = rows
        return kept(*map(tuple, sequences), **words)

    return given


def _svg(chart: Any, description: str, **rows: Iterable[dict[str, Any]]) -> Chart:
    """The chart of these rows as SVG with a name for screen readers.

    Rows go in beside the chart and not through Altair, which copies and checks every one of them for each layer.
    """
    given = {name: list(some) for name, some in rows.items()}
    text = vl_convert.vegalite_to_svg(json.dumps(_theme(chart).to_dict() | {"datasets": given}))
    named = f'<svg role="img" aria-label="{escape(description, quote=True)}" '
    return Chart(text.replace("<svg ", named, 1), description)


def _chart(name: str) -> Any:
    """A chart of the rows that `_svg` is given under this name."""
    return alt.Chart(alt.NamedData(name=name))


def _order(labels: Iterable[str]) -> list[str]:
    """Each label once, in the order of its first appearance."""
    return list(dict.fromkeys(labels))


def _colours(stretches: Sequence[Stretch]) -> Any:
    """One colour a label: the framework's own where it names one."""
    own = {each.label: each.colour for each in stretches if each.colour}
    labels = _order(each.label for each in stretches)
    every = PALETTE + MORE
    spare = (every[index % len(every)] for index in range(len(labels)))
    return alt.Scale(domain=labels, range=[own.get(label) or next(spare) for label in labels])


@once
def dots(estimates: Sequence[Estimate], *, axis: str, description: str, zero: bool = False) -> Chart:
    """Dot-and-interval plot: the thin line is the wide interval, the thick one the narrow one.

    A row without a figure says its note instead ("not enough evidence"), so that what is not known is seen as such.
    """
    rows = [asdict(each) for each in estimates]
    order = _order(each.label for each in estimates)
    y = alt.Y("label:N", sort=order, title=None, axis=alt.Axis(labelLimit=LONG_NAME))
    known, unknown = _chart("known"), _chart("unknown")
    ticks = alt.Axis(labelOverlap="greedy", labelSeparation=6, tickCount=6)
    x = alt.X("low:Q", title=axis, scale=alt.Scale(zero=zero), axis=ticks)
    layers = [
        known.mark_rule(strokeWidth=1.5, color=FAINT).encode(y=y, x=x, x2="high:Q"),
        known.mark_rule(strokeWidth=5, color=PALETTE[0]).encode(y=y, x="inner_low:Q", x2="inner_high:Q"),
        known.mark_point(filled=True, size=70, color=PALETTE[0], opacity=1).encode(y=y, x="middle:Q"),
        unknown.mark_text(align="left", color=FAINT, fontStyle="italic").encode(y=y, text="note:N", x=alt.value(8)),
    ]  # fmt: skip
    if zero:
        layers.insert(0, _chart("zero").mark_rule(strokeDash=[4, 4], color="#9aa5b1").encode(x="x:Q"))
    return _svg(
        alt.layer(*layers).properties(width=WIDTH, height=alt.Step(ROW)),
        description,
        known=(row for row in rows if row["middle"] is not None),
        unknown=(row for row in rows if row["middle"] is None),
        zero=[{"x": 0}],
    )


@once
def shares(stretches: Sequence[tuple[str, str, float]], *, axis: str, description: str) -> Chart:
    """Stacked bars: (bar, part, share) of each bar."""
    rows = [{"bar": bar, "part": part, "share": share} for bar, part, share in stretches]
    parts = _order(part for _, part, _ in stretches)
    chart = (
        _chart("rows")
        .mark_bar()
        .encode(
            y=alt.Y("bar:N", sort=_order(bar for bar, _, _ in stretches), title=None),
            x=alt.X("share:Q", title=axis, axis=alt.Axis(labelExpr="format(100 * datum.value, '.0f') + ' %'")),
            color=alt.Color("part:N", sort=parts, title=None, scale=alt.Scale(domain=parts, range=[PALETTE[i % len(PALETTE)] for i in range(len(parts))])),
            order=alt.Order("index:Q"),
        )
        .properties(width=WIDTH, height=alt.Step(ROW))
    )  # fmt: skip
    return _svg(chart, description, rows=rows)


CLOCK = "(datum.value < 0 ? '−' : '') + floor(abs(datum.value) / 60) + ':' + format(floor(abs(datum.value)) % 60, '02')"
"""seconds as minutes and seconds"""


@once
def raster(stretches: Sequence[Stretch], *, axis: str, description: str, around: bool = False) -> Chart:
    """Tracks over time: bars for what lasted, ticks for moments.

    `around` is for seconds in the midst of a session: the axis begins where they begin, and is read as a clock.
    """
    rows = [{**asdict(each), "lasting": each.end > each.start} for each in stretches]
    order = _order(each.track for each in stretches)
    y = alt.Y("track:N", sort=order, title=None, axis=alt.Axis(labelLimit=LONG_NAME))
    colour = alt.Color("label:N", scale=_colours(stretches), title=None)
    bars = _chart("lasting").mark_bar(height=14)
    ticks = _chart("moments").mark_tick(thickness=2, height=18)
    lasting = [row for row in rows if row["lasting"]]
    x = alt.X("start:Q", title=axis)
    if around:
        x = alt.X("start:Q", title=axis, scale=alt.Scale(zero=False, nice=False), axis=alt.Axis(labelExpr=CLOCK))
    layers = [bars.encode(y=y, x=x, x2="end:Q", color=colour)] if lasting else []
    layers.append(ticks.encode(y=y, x=x, color=colour))
    return _svg(
        alt.layer(*layers).properties(width=WIDTH, height=alt.Step(ROW)),
        description,
        lasting=lasting,
        moments=(row for row in rows if not row["lasting"]),
    )


@once
def matrix(cells: Sequence[Cell], *, across: str, down: str, description: str) -> Chart:
    """A heat map with its figures written in: confusion tables, transitions, time of day."""
    rows = [asdict(each) for each in cells]
    top = max((each.value for each in cells if each.value is not None), default=0.0)
    base = _chart("cells").encode(
        x=alt.X("column:N", sort=_order(each.column for each in cells), title=across, axis=alt.Axis(orient="top", labelAngle=0)),
        y=alt.Y("row:N", sort=_order(each.row for each in cells), title=down),
    )  # fmt: skip
    fill = alt.Color("value:Q", scale=alt.Scale(scheme="blues", domain=[0, top or 1]), legend=None)
    dark = alt.condition(f"datum.value > {top * 0.6}", alt.value("white"), alt.value(INK))
    layers = [
        base.mark_rect(stroke="white").encode(color=fill),
        base.mark_text(fontSize=11).encode(text="text:N", color=dark),
    ]
    widest = max((len(each.column) for each in cells), default=0)
    step = alt.Step(max(52, min(7.5 * widest + 8, 140)))
    return _svg(alt.layer(*layers).properties(width=step, height=alt.Step(28)), description, cells=rows)


@once
def trend(points: Sequence[tuple[str, str, Estimate]], *, axis: str, description: str) -> Chart:
    """The same case over time: (series, ISO date, figure)."""
    rows = [{**asdict(figure), "series": series, "when": when} for series, when, figure in points]
    known = [row for row in rows if row["middle"] is not None]
    ranged = [row for row in known if row["low"] is not None]
    several = len({row["series"] for row in rows}) > 1
    legend = alt.Legend() if several else None
    colour = alt.Color("series:N", title=None, legend=legend, scale=alt.Scale(range=list(PALETTE)))
    x, rule = (
        alt.X("when:T", title=None, axis=_days([row["when"] for row in known])),
        _chart("ranged").mark_rule(opacity=0.5),
    )
    layers = [rule.encode(x=x, y=alt.Y("low:Q", title=axis), y2="high:Q", color=colour)] if ranged else []
    line = _chart("known").mark_line(point=True)
    layers.append(line.encode(x=x, y=alt.Y("middle:Q", title=axis), color=colour))
    return _svg(alt.layer(*layers).properties(width=WIDTH, height=240), description, known=known, ranged=ranged)


def _days(moments: Sequence[str]) -> Any:
    """An axis of days: no hours between them, and a year where there are several."""
    days = sorted({datetime.fromisoformat(one).date() for one in moments})
    span = (days[-1] - days[0]).days if days else 0
    words = "%-d %b %Y" if days and days[0].year != days[-1].year else "%-d %b"
    if span > 60:
        return alt.Axis(format=words, labelOverlap="greedy", labelSeparation=6)
    every = alt.TimeIntervalStep(interval="day", step=max(1, math.ceil(span / 8)))
    return alt.Axis(format=words, tickCount=every, labelOverlap="greedy", labelSeparation=6)


@once
def transitions(codes: Sequence[str], edges: Sequence[tuple[str, str, float]], *, description: str) -> Chart:
    """Codes on a ring, a line for each (from, to, probability); the line is as thick as the probability.

    Each line bends to the right of its direction, so that there and back are two lines; a loop is written by its code.
    """
    place = {code: _on_ring(index, len(codes)) for index, code in enumerate(codes)}
    bends = [
        bend for source, to, p in edges if source != to and p > 0 for bend in _bend(place[source], place[to], p)
    ]
    loops = {source: p for source, to, p in edges if source == to and p > 0}
    names = [{"x": x, "y": y, "name": code} for code, (x, y) in place.items()]
    inside = all(len(code) <= FITS_IN_RING for code in codes)
    again = [
        {"x": x * 1.26, "y": y * 1.22, "name": f"↺ {loops[c]:.2f}"} for c, (x, y) in place.items() if c in loops
    ]
    beside: list[dict[str, Any]] = [
        {"x": x * 1.1, "y": y * 1.14, "name": f"{c} ↺ {loops[c]:.2f}" if c in loops else c, "side": _side(x)}
        for c, (x, y) in place.items()
    ]
    x = alt.X("x:Q", axis=None, scale=alt.Scale(domain=[-1.35, 1.35]))
    y = alt.Y("y:Q", axis=None, scale=alt.Scale(domain=[-1.35, 1.35]))
    width = alt.Size("p:Q", scale=alt.Scale(domain=[0, 1], range=[0.5, 9]), legend=None)
    layers = [
        _chart("bends").mark_trail(color=PALETTE[0], opacity=0.55).encode(x=x, y=y, detail="line:N", size=width, order="step:Q"),
        _chart("names").mark_point(filled=True, size=900 if inside else 160, color="white", stroke=INK, opacity=1).encode(x=x, y=y),
    ]  # fmt: skip
    if inside:
        layers += [
            _chart("names").mark_text(fontSize=12, color=INK).encode(x=x, y=y, text="name:N"),
            _chart("again").mark_text(fontSize=11, color=FAINT).encode(x=x, y=y, text="name:N"),
        ]
        written = {"again": again}
    else:
        written = {side: some for side in SIDES if (some := [one for one in beside if one["side"] == side])}
        layers += [
            _chart(side).mark_text(fontSize=12, color=INK, align=side).encode(x=x, y=y, text="name:N")
            for side in written
        ]
    return _svg(
        alt.layer(*layers).properties(width=420, height=420), description, bends=bends, names=names, **written
    )


SIDES = ("left", "right", "center")
FITS_IN_RING = 3
"""characters of a name that stand inside the ring of its code; longer ones stand beside it"""


def _side(x: float) -> str:
    """Which end of a name points to its code."""
    return "center" if abs(x) < 0.1 else "left" if x > 0 else "right"


def _on_ring(index: int, count: int) -> tuple[float, float]:
    """The place of the n-th of so many on a ring, the first one at the top, clockwise."""
    angle = math.pi / 2 - 2 * math.pi * index / max(count, 1)
    return math.cos(angle), math.sin(angle)


def _bend(start: tuple[float, float], end: tuple[float, float], p: float) -> list[dict[str, Any]]:
    """A line as points, bent to its right; it tapers off towards its end, which shows the direction."""
    (x0, y0), (x1, y1) = start, end
    across, down = x1 - x0, y1 - y0
    middle = ((x0 + x1) / 2 + down * 0.18, (y0 + y1) / 2 - across * 0.18)
    line = f"{x0:.3f},{y0:.3f}>{x1:.3f},{y1:.3f}"
    points = []
    for step in range(17):
        t = step / 16
        a, b, c = (1 - t) ** 2, 2 * t * (1 - t), t**2
        where = {"x": a * x0 + b * middle[0] + c * x1, "y": a * y0 + b * middle[1] + c * y1}
        points.append({**where, "p": p * (1 - 0.75 * t), "step": step, "line": line})
    return points
