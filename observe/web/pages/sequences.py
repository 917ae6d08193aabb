"""What follows what, over the sessions of a question."""

from __future__ import annotations

from typing import Any

import msgspec
from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from observe.core.measures.sequences import Transitions
from observe.documents import charts
from observe.documents.charts import Cell, Chart
from observe.store.studies import Study
from observe.web import current
from observe.web.guard import needs
from observe.web.questions import Answered, Kind, Question, axis_names

pages = Blueprint("sequences", __name__, url_prefix="/studies/<slug>/sequences")

CROWDED = 14
"""more codes than a ring can hold; the table holds them all"""


def more_of(asked: Question) -> dict[str, Any]:
    """What is asked of sequences beside which sessions: the stream, how far ahead, and whether repeats are one."""
    streams = [one.id for one in asked.model.streams if one.codes] if asked.model else []
    stream = request.args.get("stream", "")
    lag = min(max(request.args.get("lag", 1, type=int), 1), 10)
    chosen = stream if stream in streams else (streams or [""])[0]
    return {"stream": chosen, "lag": lag, "collapse": bool(request.args.get("collapse"))}


@pages.get("/")
@needs("analysis.see")
def index(study: Study) -> ResponseReturnValue:
    return KIND.shown(study)


@pages.get("/sequences.pdf")
@needs("analysis.see")
def as_pdf(study: Study) -> ResponseReturnValue:
    return KIND.printed(study)


@pages.get("/transitions.csv")
@needs("analysis.see")
def table(study: Study) -> ResponseReturnValue:
    """Every transition with every figure."""
    return KIND.table(study, "transitions", lambda found: found.result.get("found", {}).get("cells", []))


def page(found: Answered, printed: bool) -> str:
    asked, result = found.asked, found.result
    seen = msgspec.convert(result["found"], Transitions) if result and "found" in result else None
    return render_template(
        "sequences/index.html", asked=asked, more=found.more, result=result, found=seen, printed=printed, worked_out=found.worked_out,
        person=current.person(), labels=asked.labels, args=found.args,
        ring=ring(seen, asked) if seen else None, heat=heat(seen, asked) if seen else None,
        short=axis_names(seen.codes, asked.labels) if seen else {},
        base="documents/bare.html" if printed else "layout.html",
    )  # fmt: skip


KIND = Kind("sequences", page, more=more_of)


def ring(found: Transitions, asked: Question) -> Chart | None:
    """Codes on a ring, with lines as thick as probabilities."""
    if len(found.codes) > CROWDED:
        return None
    short = axis_names(found.codes, asked.labels)
    edges = [
        (short[cell.given], short[cell.target], cell.probability or 0.0) for cell in found.cells if cell.observed
    ]
    return charts.transitions(
        [short[code] for code in found.codes], edges,
        description=f"{len(edges)} transitions among {len(found.codes)} codes; thicker lines are more probable. The tables hold the same.",
    )  # fmt: skip


def heat(found: Transitions, asked: Question) -> Chart:
    """Probabilities of what came next, a row for each code that was there."""
    short = axis_names(found.codes, asked.labels)
    cells = [
        Cell(
            short[one.given],
            short[one.target],
            one.probability,
            "–" if one.probability is None or not one.possible else f"{one.probability:.2f}",
        )
        for one in found.cells
    ]
    ahead = "next" if found.lag == 1 else f"{found.lag} places later"
    return charts.matrix(
        cells,
        across=ahead,
        down="given",
        description=f"Probability of each code {ahead}, given the code of the row. The table holds the same.",
    )
