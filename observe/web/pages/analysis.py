"""A study's figures over its sessions: how often, how long, when; each with its name and what it is divided by."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from scipy.special import stdtrit

from observe.core.errors import NotFound
from observe.core.measures.session import INTERVAL_KINDS
from observe.documents import charts
from observe.documents.charts import Cell, Chart, Estimate, Stretch
from observe.store.records import SessionRow
from observe.store.studies import Study
from observe.web import current
from observe.web.guard import needs
from observe.web.pages.sessions import cells_of, from_ms
from observe.web.questions import Answered, Kind, Question

pages = Blueprint("analysis", __name__, url_prefix="/studies/<slug>/analysis")

DAY_MS = 86_400_000
TABLES = ("budget", "formulas", "samples", "counted", "judged", "time_of_day", "raster", "map")
AXES = {
    "state": "proportion of observed time, mean over session × subject with 95 % limits",
    "entries": "proportion of observed time (by the beat), mean with 95 % limits",
    "point": "per hour of observed time, mean over session × subject with 95 % limits",
    "interval": "fraction of intervals, mean over session × subject with 95 % limits",
    "scan": "prevalence in momentary samples, mean over session × subject with 95 % limits",
    "count": "persons per scan, mean over session × subject with 95 % limits",
}


@pages.get("/")
@needs("analysis.see")
def index(study: Study) -> ResponseReturnValue:
    return KIND.shown(study)


@pages.get("/analysis.pdf")
@needs("analysis.see")
def as_pdf(study: Study) -> ResponseReturnValue:
    return KIND.printed(study)


@pages.get("/<table>.csv")
@needs("analysis.see")
def table(study: Study, table: str) -> ResponseReturnValue:
    if table not in TABLES:
        raise NotFound
    return KIND.table(study, table, lambda found: shown(found.asked, found.result)[table])


def page(found: Answered, printed: bool) -> str:
    asked, result = found.asked, found.result
    tables = shown(asked, result) if result else {}
    return render_template(
        "analysis/index.html", asked=asked, result=result, tables=tables, printed=printed, worked_out=found.worked_out,
        person=current.person(), judgements=by_rating(tables.get("judged", ())), pictures=pictures(asked, result, tables) if result and asked.rows else {},
        labels=asked.labels, given=asked.given, args=found.args, base="documents/bare.html" if printed else "layout.html",
    )  # fmt: skip


KIND = Kind("analysis", page)


def without_clock(rows: Sequence[SessionRow]) -> bool:
    """Whether all that is known of these sessions' beginnings is the day: their source named no time."""
    return bool(rows) and all((row.started + row.offset * 60_000) % DAY_MS == 0 for row in rows)


def map_rows(rows: Sequence[Mapping[str, Any]], labels: Mapping[str, str]) -> list[dict[str, Any]]:
    """Which code of which version was counted as what, in the order in which it is read."""
    return [
        {name: row[name] for name in ("version", "code", "counted_as")}
        | {"label": labels.get(row["counted_as"], ""), "also_in": row["also_in"]}
        for row in rows
    ]


def shown(asked: Question, result: Mapping[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """The tables with words in place of ids, in the order in which they are read."""
    if not result or not result.get("sessions"):
        return {name: [] for name in TABLES}
    labels = asked.labels
    tables = {name: [dict(row) for row in result[name]] for name in TABLES if name in result}
    tables["budget"] = [
        each
        for row in result["time_budget"]
        if row["kind"] != "rating"
        for each in lines(row, asked, result["time_budget"])
    ]
    tables["judged"] = judged(result["judged"], asked)
    tables["counted"] = [
        {"stream": row["stream"], "cell": cell_words(row["cell"], row["code"], asked)}
        | {name: row[name] for name in ("persons", "sessions")}
        for row in result["counted"]
    ]
    labels = labels | cells_of(asked.model)
    tables["map"] = map_rows(result["together"]["rows"], labels) if result["together"] else []
    order = {name: k for k, name in enumerate(labels)}
    for rows in tables.values():
        for row in rows:
            row |= (
                {"label": labels.get(row["code"], row["code"])} if row.get("code") and "label" not in row else {}
            )
    tables["budget"].sort(key=lambda row: (order.get(row["stream"], 0), order.get(row["code"], 0)))
    return tables


def lines(row: Mapping[str, Any], asked: Question, every: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """A code's figures. Persons counted have two: how many there were in a scan, and which fraction of all they were."""
    if row["kind"] != "count":
        return [line(row, asked)]
    persons = next(
        (
            one["occurrences"]
            for one in every
            if one["stream"] == row["stream"] and one["code"] == "all" and one["kind"] == "count"
        ),
        0,
    )
    each = line(
        row, asked, "each", "persons per scan", row["occurrences"] / row["watched"] if row["watched"] else None
    )
    each["divided_by"] = "scans"
    if row["code"] == "all":
        return [each]
    share = line(
        row, asked, "share", "fraction of persons counted", row["occurrences"] / persons if persons else None
    )
    return [each, share | {"kind": "count-share", "watched": persons, "missed": 0, "divided_by": "persons"}]


WATCHED = {"interval": "intervals watched", "scan": "samples watched"}
"""what a share is divided by"""


def line(
    row: Mapping[str, Any], asked: Question, which: str = "", name: str = "", pooled: float | None = None
) -> dict[str, Any]:
    """One code: its figure under the name that its sampling allows, over what, and with limits of the mean."""
    kind = row["kind"]
    which = which or {"state": "proportion", "entries": "proportion", "point": "rate", "tally": "rate"}.get(
        kind, "share"
    )
    mean, deviation, units = row[f"mean_{which}"], row[f"sd_{which}"], row[f"units_{which}"]
    low, high = limits(mean, deviation, units, at_most=None if which in {"rate", "each"} else 1.0)
    if not name:
        pooled = row.get(f"pooled_{which}")
        if which == "share" and row["watched"]:
            pooled = row["occurrences"] / row["watched"]
    read = asked.scope.together if asked.scope else None
    versions = {"versions": " ".join(str(one) for one in read.versions_with(row["code"]))} if read else {}
    return {
        "stream": row["stream"], "code": row["code"], "kind": kind, "figure": name or name_of(row, asked), "mean": mean,
        "sd": deviation, "low": low, "high": high, "pooled": pooled, "count": row["occurrences"],
        "duration_ms": row["duration_ms"] if which == "proportion" else None, "observed_ms": row["observed_ms"],
        "watched": row["watched"] if which in {"share", "each"} else None, "missed": row["missed"], "units": units,
        "divided_by": {"proportion": "observed time", "rate": "observed time"}.get(which, WATCHED.get(kind, "watched")),
    } | versions  # fmt: skip


def cell_words(cell: str | None, code: str | None, asked: Question) -> str:
    """A cell of a crossed count in words; a scan in which nobody was is a true zero."""
    if not cell:
        return asked.labels.get(code, code) if code else "nobody: empty scans"
    words = cells_of(asked.model) | asked.labels
    return ", ".join(
        words.get(f"{side}={option}") or words.get(str(option), str(option))
        for side, option in json.loads(cell).items()
    )


def by_rating(rows: Sequence[Mapping[str, Any]]) -> list[list[Mapping[str, Any]]]:
    """The rows of each rating together, in their order."""
    return [list(some) for _, some in groupby(rows, key=lambda row: row["rating"])]


def judged(rows: Sequence[Mapping[str, Any]], asked: Question) -> list[dict[str, Any]]:
    """Each rating with its values from the lowest, how often each was given, and the cumulative share; then what is no value."""
    found = []
    ratings = {rating.id: rating for _, rating in asked.model.ratings()} if asked.model else {}
    for name in dict.fromkeys(row["rating"] for row in rows):
        mine = [row for row in rows if row["rating"] == name]
        given = sorted((row for row in mine if row["value"] is not None), key=lambda row: row["value"])
        total, so_far = sum(row["n"] for row in given), 0
        words = {value.value: str(value.label) for value in ratings[name].values} if name in ratings else {}
        for row in [*given, *(row for row in mine if row["value"] is None)]:
            known = row["value"] is not None
            middle = known and so_far < total / 2 <= so_far + row["n"]
            so_far += row["n"] if known else 0
            found.append({
                "stream": row["stream"], "rating": name, "label": asked.labels.get(name, name), "value": row["value"],
                "answer": words.get(row["value"], "") if known else row["answer"].replace("-", " "), "n": row["n"],
                "share": row["n"] / total if known else None, "cumulative": so_far / total if known else None,
                "median": middle, "sessions": row["sessions"],
            })  # fmt: skip
    return found


def name_of(row: Mapping[str, Any], asked: Question) -> str:
    """What the figure may be called; a share of intervals is never called time."""
    stream = next((one for one in (asked.model.streams if asked.model else ()) if one.id == row["stream"]), None)
    if row["kind"] == "interval" and stream is not None:
        return INTERVAL_KINDS.get(stream.sampling.kind, "fraction of intervals")
    names = {
        "state": "proportion of observed time", "entries": "proportion of observed time (by the beat)",
        "point": "per hour of observed time", "tally": "per hour of observed time",
        "scan": "prevalence (momentary samples)", "rating": "judgements",
    }  # fmt: skip
    return str(row.get("share_of") or names.get(row["kind"], row["kind"]))


def limits(mean: float | None, deviation: float | None, n: int, *, at_most: float | None) -> tuple[Any, Any]:
    """t limits of a mean over units; none for a single unit."""
    if mean is None or deviation is None or n < 2:
        return None, None
    half = float(stdtrit(n - 1, 0.975)) * deviation / math.sqrt(n)
    return max(0.0, mean - half), min(mean + half, at_most) if at_most is not None else mean + half


def pictures(asked: Question, result: Any, tables: Mapping[str, Sequence[Mapping[str, Any]]]) -> dict[str, Any]:
    """Each picture stands beside its table."""
    return {
        "budget": budget_charts(tables["budget"], asked),
        "raster": raster(asked, result),
        "time_of_day": None if without_clock(asked.rows) else hours(asked, tables["time_of_day"]),
    }


def budget_charts(rows: Sequence[Mapping[str, Any]], asked: Question) -> dict[str, Chart]:
    """A chart for each stream and kind of figure: proportions and rates never share an axis."""
    found: dict[str, Chart] = {}
    for stream in asked.model.streams if asked.model else ():
        for kind, axis in AXES.items():
            some = [row for row in rows if row["stream"] == stream.id and row["kind"] == kind]
            if some:
                estimates = [
                    Estimate(row["label"], row["mean"], row["low"], row["high"], note="nothing was observed")
                    for row in some
                ]
                found[f"{stream.id}/{kind}"] = charts.dots(
                    estimates,
                    axis=axis,
                    zero=True,
                    description=f"{stream.label}: {axis}. The table holds the same.",
                )
    return found


def raster(asked: Question, result: Any) -> Chart | None:
    """The newest sessions one under the other; subjects and streams of a session have rows of their own."""
    started = {row.id: row.started for row in asked.rows}
    names = dict(asked.choices["subject"])
    several = len({row["stream"] for row in result["raster"]}) > 1
    tracks = tracks_of(
        [row for row in asked.rows if row.id in set(result["drawn"])], dict(asked.choices["observer"])
    )
    stretches = []
    for row in sorted(
        result["raster"], key=lambda row: (started.get(row["session"], 0), row["session"], row["subject"] or "")
    ):
        day = tracks.get(row["session"], "")
        track = " · ".join(
            part
            for part in (
                day,
                asked.labels.get(row["stream"], "") if several else "",
                names.get(row["subject"], ""),
            )
            if part
        )
        label = asked.labels.get(row["code"], row["code"])
        stretches.append(
            Stretch(
                track, label, row["start_ms"] / 60_000, row["end_ms"] / 60_000, asked.colours.get(row["code"], "")
            )
        )
    if not stretches:
        return None
    return charts.raster(
        stretches,
        axis="minutes from the session's start",
        description="What was seen when, session by session. The table holds the same.",
    )


def tracks_of(rows: Sequence[SessionRow], observers: Mapping[str, str]) -> dict[str, str]:
    """A name of its own for each session: when, by whom where several watched, and a number where that is not enough."""
    several = len({row.observer for row in rows}) > 1
    found: dict[str, str] = {}
    for row in rows:
        name = clock_words(row.started) + (f" {observers.get(str(row.observer), '')}" if several else "")
        again = sum(1 for one in found.values() if one == name or one.startswith(f"{name} ("))
        found[row.id] = f"{name} ({again + 1})" if again else name
    return found


def clock_words(ms: int) -> str:
    """When a session began; only the day where its source named no time."""
    return from_ms(ms).strftime("%-d %b %Y %H:%M" if ms % DAY_MS else "%-d %b %Y")


def hours(asked: Question, rows: Sequence[Mapping[str, Any]]) -> Chart | None:
    """How often each code began in each hour of the local day; hours in which nothing was recorded at all are left out."""
    if not rows:
        return None
    there = sorted({row["hour"] for row in rows})
    counts = {(row["label"], row["hour"]): row["occurrences"] for row in rows}
    there_are = {row["code"] for row in rows}
    order = list(dict.fromkeys(label for code, label in asked.labels.items() if code in there_are))
    cells = [
        Cell(label, f"{hour:02}", counts.get((label, hour), 0), str(counts.get((label, hour), 0)))
        for label in order
        for hour in there
    ]
    return charts.matrix(
        cells,
        across="hour of the local day",
        down="",
        description="How often each code began in each hour of the day. The table holds the same.",
    )
