"""Every formula of every ready-made framework can be worked out, and every measure that a framework may name."""

from __future__ import annotations

import pytest

from frameworks import library
from frameworks.model import Term
from frameworks.schema import framework_of
from frameworks.shape import MEASURES
from observe.core.coding.record import Observed, Timeline
from observe.core.measures.formulas import SessionFigures, amount, evaluate
from observe.core.measures.session import budget

NOTHING_YET = Timeline(0, 600_000, True, observed=(Observed(None, ((0, 600_000),)),))


@pytest.mark.parametrize("slug", library.slugs())
def test_a_session_in_which_nothing_was_tapped_has_a_budget_and_figures(slug):
    framework = framework_of(library.document(slug))

    rows = budget(framework, NOTHING_YET)
    found = [evaluate(framework, formula, [SessionFigures("s", NOTHING_YET)]) for formula in framework.formulas]

    assert {row.stream for row in rows} == {
        stream.id for stream in framework.streams if stream.codes or stream.ratings or stream.crossed
    }
    assert all(row.count == 0 for row in rows)
    assert all(one.figure.value in (None, 0) for one in found)
    assert all(one.figure.value is not None or one.figure.reason for one in found)


@pytest.mark.parametrize("measure", MEASURES)
def test_every_measure_that_a_framework_may_name_is_known(measure):
    framework = framework_of(library.document("copus"))

    assert amount(framework, Term(measure, framework.streams[0].id), NOTHING_YET) >= 0
