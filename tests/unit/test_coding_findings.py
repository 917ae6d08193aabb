"""Every finding that the derivation can give is explained, and nothing is explained that it cannot give."""

from __future__ import annotations

import re
from pathlib import Path

from observe.web.log_words import FINDINGS

ROOT = Path(__file__).parents[2]
IN_A_SOURCE = re.compile(r'"((?:amendment|bout|clock|code|end|event|exclusive|interval|link|log|modifier|note|pause|point|position|priority|rating|sample|sampling|scan|session|start|stop|stream|subject|target|variable|view)\.[a-z_]+)"')  # fmt: skip
NOT_FINDINGS = {
    "event.not_an_object",
    "event.id",
    "event.seq",
    "event.at",
    "event.kind",
    "event.missing",
    "event.value",
}


def codes_in(paths):
    return {code for path in paths for code in IN_A_SOURCE.findall(path.read_text("utf-8"))} - NOT_FINDINGS


def test_every_finding_stands_in_the_reference_and_every_one_there_can_happen():
    reference = (ROOT / "docs/reference/coded-record.md").read_text("utf-8")

    assert codes_in((ROOT / "observe/core/coding").glob("*.py")) == set(
        re.findall(r"^\| `([a-z._]+)` \|", reference, re.M)
    )


def test_every_finding_has_a_sentence_for_people():
    assert set(FINDINGS) == codes_in((ROOT / "observe/core/coding").glob("*.py"))


def test_the_client_gives_the_same_findings():
    only_in_checks = {
        "clock.against_server", "clock.backwards", "clock.session_against_mono", "clock.session_against_wall",
        "clock.wall_against_mono", "log.gap", "modifier.missing", "note.missing", "rating.missing", "session.not_ended",
        "variable.missing",
    }  # fmt: skip

    server = codes_in((ROOT / "observe/core/coding").glob("*.py")) - only_in_checks

    assert codes_in((ROOT / "static/src/core").glob("*.ts")) == server
