"""The meaning of a framework beyond its shape: all findings at once, worst first."""

from __future__ import annotations

from frameworks.checks import codes, constructs, figures, head, streams
from frameworks.checks.view import Tablet, View
from frameworks.findings import Finding, errors_of, in_order
from frameworks.model import Framework

__all__ = ["Tablet", "check", "is_publishable"]

PARTS = (head, streams, codes, figures, constructs)


def check(framework: Framework, *, tablet: Tablet | None = None) -> tuple[Finding, ...]:
    """Everything there is to say about a framework: errors first, then warnings, then hints."""
    view = View(framework, tablet or Tablet())
    return in_order(finding for part in PARTS for finding in part.findings(view))


def is_publishable(framework: Framework) -> bool:
    """A framework with errors cannot be published; warnings and hints are the supervisor's to weigh."""
    return not errors_of(check(framework))
