"""What follows what, over the sessions of a question."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from observe.core.measures.sequences import Transitions
from observe.documents import charts
from observe.documents.charts import Cell, Chart
from observe.documents.pdf import pdf_of
from observe.store.studies import Study
from observe.web import clock, current, questions
from observe.web.guard import needs
from observe.web.pages.analysis import arguments, said_by
from observe.web.questions import Question

pages = Blueprint("sequences", __name__, url_prefix="/studies/<slug>/sequences")

HOME = "sequences.index"
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
    asked = questions.question(study)
    more = more_of(asked)
    found = questions.answer(study, "sequences", asked, more, asked.rows) if asked.rows else None
    way = questions.way(found, HOME, study) if found else None
    return way or page(asked, more, found.result if found else None, printed=False)


@pages.get("/sequences.pdf")
@needs("analysis.see")
def as_pdf(study: Study) -> ResponseReturnValue:
    """The page on A4."""
    asked = questions.question(study)
    more = more_of(asked)
    found = questions.answer(study, "sequences", asked, more, asked.rows)
    made = questions.way(found, HOME, study)
    name = f"{study.slug}-sequences.pdf"
    return made or questions.attached(
        pdf_of(page(asked, more, found.result, printed=True)), "application/pdf", name
    )


@pages.get("/transitions.csv")
@needs("analysis.see")
def table(study: Study) -> ResponseReturnValue:
    """Every transition with every figure."""
    asked = questions.question(study)
    found = questions.answer(study, "sequences", asked, more_of(asked), asked.rows)
    way = questions.way(found, HOME, study)
    rows = found.result["found"]["cells"] if found.result and "found" in found.result else []
    return way or questions.csv_of(f"{study.slug}-transitions", said_by(asked, rows))


def page(asked: Question, more: Mapping[str, Any], result: Any, *, printed: bool) -> str:
    found = msgspec.convert(result["found"], Transitions) if result and "found" in result else None
    return render_template(
        "sequences/index.html", asked=asked, more=more, result=result, found=found, printed=printed, now=clock.now(),
        person=current.person(), labels=asked.labels, args=arguments(),
        ring=ring(found, asked) if found else None, heat=heat(found, asked) if found else None,
        base="documents/bare.html" if printed else "layout.html",
    )  # fmt: skip


def ring(found: Transitions, asked: Question) -> Chart | None:
    """Codes on a ring, with lines as thick as probabilities; by their ids, which are short."""
    if len(found.codes) > CROWDED:
        return None
    edges = [(cell.given, cell.target, cell.probability or 0.0) for cell in found.cells if cell.observed]
    return charts.transitions(
        list(found.codes), edges,
        description=f"{len(edges)} transitions among {len(found.codes)} codes; thicker lines are more probable. The tables hold the same.",
    )  # fmt: skip


def heat(found: Transitions, asked: Question) -> Chart:
    """Probabilities of what came next, a row for each code that was there."""
    cells = [
        Cell(
            one.given,
            one.target,
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
