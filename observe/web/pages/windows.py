"""What begins soon after what: a given code, a target, and how long after, in the address."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from observe.core.errors import NotFound
from observe.core.measures.windows import BY_ANOTHER, BY_SAME, timed_codes
from observe.documents import charts
from observe.documents.charts import Chart, Estimate
from observe.store.records import SessionRow
from observe.store.studies import Study
from observe.web import current
from observe.web.guard import needs
from observe.web.questions import Answered, Kind, Question

pages = Blueprint("windows", __name__, url_prefix="/studies/<slug>/windows")

SECONDS, LONGEST = 5.0, 600.0


def codes_of(asked: Question) -> list[tuple[str, str]]:
    """Codes that begin at a moment, with what they are called; with several streams, also which."""
    timed = timed_codes(asked.model) if asked.model else []
    several = len({stream.id for stream, _ in timed}) > 1
    return [(code.id, f"{stream.label}: {code.label}" if several else str(code.label)) for stream, code in timed]


def more_of(asked: Question) -> dict[str, Any]:
    """What is asked beside which sessions. Without a given code the framework's first one is taken."""
    there = [code for code, _ in codes_of(asked)]
    given, target = request.args.get("given", ""), request.args.get("target", "")
    seconds = request.args.get("window", SECONDS, type=float)
    by = BY_ANOTHER if request.args.get("by") == BY_ANOTHER else BY_SAME
    first = given if given in there else (there or [""])[0]
    second = target if target in there and (target != first or by == BY_ANOTHER) else ""
    within = seconds if 0 <= seconds <= LONGEST else SECONDS
    return {"given": first, "target": second, "window_ms": round(within * 1000), "by": by}


@pages.get("/")
@needs("analysis.see")
def index(study: Study) -> ResponseReturnValue:
    return KIND.shown(study)


@pages.get("/windows.pdf")
@needs("analysis.see")
def as_pdf(study: Study) -> ResponseReturnValue:
    return KIND.printed(study)


@pages.get("/<table>.csv")
@needs("analysis.see")
def table(study: Study, table: str) -> ResponseReturnValue:
    """Every pair with every figure, or each subject's own 2×2 table."""
    rows = {"pairs": flat, "subjects": each_subject}.get(table)
    if rows is None:
        raise NotFound
    return KIND.table(study, f"windows-{table}", lambda found: rows(found.result))


OF_A_WINDOW = (
    "given", "target", "both", "near_only", "target_only", "neither", "near", "elsewhere", "q", "log_odds", "low", "high",
)  # fmt: skip


def flat(result: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [
        {"window_s": result["window_ms"] / 1000, "by": result["by"]}
        | {name: one[name] for name in (*OF_A_WINDOW, "rotated", "holm", "hochberg")}
        | {"subjects": one["common"]["n"], "common_log_odds": one["common"]["value"], "common_low": one["common"]["low"],
           "common_high": one["common"]["high"], "p_over_subjects": one["p"], "more": one["more"], "less": one["less"]}
        for one in result["pairs"]
    ]  # fmt: skip


def each_subject(result: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [
        {"subject": of["subject"], "window_s": result["window_ms"] / 1000}
        | {name: of[name] for name in OF_A_WINDOW}
        for one in result["pairs"]
        for of in one["by_subject"]
    ]


def page(found: Answered, printed: bool) -> str:
    asked, result = found.asked, found.result
    return render_template(
        "sequences/windows.html", asked=asked, more=found.more, result=result, printed=printed, worked_out=found.worked_out,
        codes=dict(codes_of(asked)), person=current.person(), labels=asked.labels, args=found.args,
        subjects=dict(asked.choices["subject"]),
        picture_of=picture_of(result, asked) if result and result["pairs"] else None,
        base="documents/bare.html" if printed else "layout.html",
    )  # fmt: skip


def asked_of(study: Study, asked: Question) -> Sequence[SessionRow]:
    """No session where no code begins at a moment."""
    return asked.rows if codes_of(asked) else ()


KIND = Kind("windows", page, more=more_of, rows=asked_of)


def picture_of(result: Mapping[str, Any], asked: Question) -> Chart:
    """The log odds of each target, over subjects where there are several, else of all units."""
    several = any(one["common"]["value"] is not None for one in result["pairs"])
    estimates = []
    for one in result["pairs"]:
        label = asked.labels.get(one["target"], one["target"])
        if several:
            common = one["common"]
            estimates.append(
                Estimate(label, common["value"], common["low"], common["high"], note=common["reason"])
            )
        else:
            estimates.append(Estimate(label, one["log_odds"], one["low"], one["high"]))
    axis = (
        "common log odds of subjects, 95 % (jackknife)"
        if several
        else "log odds, 95 % as if seconds were independent"
    )
    return charts.dots(
        estimates,
        axis=axis,
        zero=True,
        description=f"For each code: {axis}; right of zero it begins more often within the window. The table holds the same.",
    )
