"""The catalogue of findings is the reference page, and the page is the catalogue."""

from __future__ import annotations

import re
from pathlib import Path

from frameworks.catalogue import FAMILIES, as_markdown, family_of
from frameworks.findings import CATALOGUE, Finding, Kind, Severity, in_order, pointer

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "findings.md"


def test_the_page_is_what_the_catalogue_says():
    assert PAGE.read_text(encoding="utf-8") == as_markdown(), (
        "make it anew with frameworks.catalogue.as_markdown()"
    )


def test_every_kind_is_on_the_page_once():
    codes = re.findall(r"^\| `([^`]+)` \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)

    assert sorted(codes) == sorted(CATALOGUE)
    assert len(codes) > 150


def test_every_kind_belongs_to_a_family():
    known = {family for families in FAMILIES.values() for family in families}

    assert {family_of(kind) for kind in CATALOGUE.values()} <= known


def test_every_kind_speaks_in_sentences_and_shows_a_way_out():
    for kind in CATALOGUE.values():
        assert re.fullmatch(r"[a-z]+(\.[a-z0-9-]+)", kind.code), kind.code
        assert kind.sentence.endswith((".", "!")), kind.code
        assert kind.remedy.endswith(".") or kind.remedy == "{hint}", kind.code


def test_a_finding_as_json_is_plain_strings():
    kind = Kind("x.y", Severity.HINT, "“{what}” is odd.", "Mend “{what}”.")

    assert kind.at("/a", what="b").as_json() == {
        "path": "/a",
        "severity": "hint",
        "code": "x.y",
        "sentence": "“b” is odd.",
        "remedy": "Mend “b”.",
    }


def test_pointers_escape_what_a_pointer_is_made_of():
    assert pointer("a/b", 0, "c~d") == "/a~1b/0/c~0d"
    assert pointer() == ""


def test_findings_are_read_worst_first_and_otherwise_as_found():
    found = [
        Finding(path, severity, "x", "", "")
        for path, severity in [
            ("1", Severity.HINT),
            ("2", Severity.ERROR),
            ("3", Severity.WARNING),
            ("4", Severity.ERROR),
        ]
    ]

    assert [finding.path for finding in in_order(found)] == ["2", "4", "3", "1"]
