"""What can be said about a framework document: the catalogue of findings, each with its way out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How much it matters. Only errors stand in the way of publishing."""

    ERROR = "error"
    WARNING = "warning"
    HINT = "hint"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing about a document that a person should know. `path` is a JSON pointer into the document."""

    path: str
    severity: Severity
    code: str
    sentence: str
    remedy: str

    def as_json(self) -> dict[str, str]:
        """The finding as plain values, in the order in which it is read."""
        return {
            "path": self.path,
            "severity": self.severity.value,
            "code": self.code,
            "sentence": self.sentence,
            "remedy": self.remedy,
        }


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of finding: its stable code, how much it matters, and its words with places for what was found."""

    code: str
    severity: Severity
    sentence: str
    remedy: str

    def at(self, path: str, **found: object) -> Finding:
        """This kind of finding at one place, with what was found there put into its words."""
        return Finding(path, self.severity, self.code, self.sentence.format(**found), self.remedy.format(**found))


CATALOGUE: dict[str, Kind] = {}


def kind(code: str, severity: Severity, sentence: str, remedy: str) -> Kind:
    """Enter a kind into the catalogue. A code is used once, and never again for something else."""
    if code in CATALOGUE:
        raise AssertionError(f"{code} is in the catalogue already")
    CATALOGUE[code] = Kind(code, severity, sentence, remedy)
    return CATALOGUE[code]


def error(code: str, sentence: str, remedy: str) -> Kind:
    """A kind that must be put right before publishing."""
    return kind(code, Severity.ERROR, sentence, remedy)


def warning(code: str, sentence: str, remedy: str) -> Kind:
    """A kind that a supervisor should have thought about."""
    return kind(code, Severity.WARNING, sentence, remedy)


def hint(code: str, sentence: str, remedy: str) -> Kind:
    """A kind that would make a good framework better."""
    return kind(code, Severity.HINT, sentence, remedy)


def errors_of(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Those findings that stand in the way of publishing."""
    return tuple(finding for finding in findings if finding.severity is Severity.ERROR)


def pointer(*steps: str | int) -> str:
    """A JSON pointer (RFC 6901) to a place in a document; the whole document is the empty string."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in steps)


def in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Errors first, then warnings, then hints; within each in the order in which they were found."""
    rank = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.HINT: 2}
    return tuple(sorted(findings, key=lambda finding: rank[finding.severity]))
