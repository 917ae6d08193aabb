"""PInSoRo: free play of two children or of a child with a robot, one YAML file a coder and recording, seconds since 1970."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from frameworks.convert.documents import Refused, read_yaml, text_in
from observe.core.foreign import Draft, fixed_id
from observe.documents.importers.coded import Coding
from observe.documents.importers.table import refuse

FRAMEWORK = "child-social-play"
STREAMS = {
    "task": ("goaloriented", "aimless", "adultseeking", "noplay"),
    "social": ("solitary", "onlooker", "parallel", "associative", "cooperative"),
    "attitude": ("prosocial", "adversarial", "assertive", "frustrated", "passive"),
}
"""streams of the framework with their codes; anything else in a file is left out"""
STREAM_OF = {code: stream for stream, codes in STREAMS.items() for code in codes}

Entry = tuple[str, float, float]
PARTICIPANT = re.compile(r"^(\w{1,40})-participant:", re.MULTILINE)
CONDITION = re.compile(r"^condition: *(\w{1,40}) *$", re.MULTILINE)
LATEST = 4_102_444_800
"""2100, in seconds since 1970"""
LONGEST_MS = 86_400_000


def read(folder: Path) -> Iterator[Coding]:
    """A session for each coder of each recording. Coders' names differ in case; `Lisa2` is Lisa coding once more.

    Where a child played with the robot, the robot's colour was coded as well: it is nobody, and its codes are left out, as
    the authors leave them out.
    """
    recordings = sorted(path for path in folder.glob("data/*") if path.is_dir())
    if not any(list(path.glob("freeplay.annotations.*.yaml")) for path in recordings):
        raise refuse("The folder has no data/*/freeplay.annotations.*.yaml.")
    for recording in recordings:
        by_coder: dict[str, Mapping[str, Sequence[Entry]]] = {}
        told = about(recording)
        for path in sorted(recording.glob("freeplay.annotations.*.yaml")):
            name = path.name.split(".")[2].lower()
            found = {child: own for child, own in entries(path).items() if not told or child in told.children}
            if found and name.rstrip("0123456789") == name:
                by_coder[name] = found
        known = {"recording": recording.name} | ({"condition": told.condition} if told and told.condition else {})
        for name, own in by_coder.items():
            yield coding(recording.name, name, own, known, several=len(by_coder) > 1)


@dataclass(frozen=True, slots=True)
class About:
    """What a recording's experiment.yaml says: `childchild` or `childrobot`, and the colours that are children."""

    condition: str
    children: frozenset[str]


def about(recording: Path) -> About | None:
    """None where the recording has no such file, or it names no participant: then every colour is taken for a child.

    Read by line, not as YAML: some of these files name a marker twice, which YAML does not allow.
    """
    path = recording / "experiment.yaml"
    if not path.exists():
        return None
    text = path.read_bytes().decode("utf-8", errors="replace")
    children, condition = frozenset(PARTICIPANT.findall(text)), CONDITION.search(text)
    return About(condition[1] if condition else "", children) if children else None


def entries(path: Path) -> dict[str, list[Entry]]:
    """Child → (code, start, end) for the codes that the framework knows."""
    name = f"{path.parent.name}/{path.name}"
    try:
        loaded = read_yaml(text_in(path.read_bytes()))
    except Refused as problem:
        raise refuse(f"{name}: {problem.finding.sentence}") from problem
    if not isinstance(loaded, dict):
        raise refuse(f"{name} does not list codes by child.")
    found: dict[str, list[Entry]] = {}
    for child, listed in loaded.items():
        pairs = [pair for one in listed for pair in one.items()] if is_list_of_codes(listed) else None
        if pairs is None or not all(is_stretch(at) for word, at in pairs if word in STREAM_OF):
            raise refuse(
                f"{name}: what is listed of “{str(child)[:40]}” is not codes with a beginning and an end."
            )
        if own := [(word, float(at[0]), float(at[1])) for word, at in pairs if word in STREAM_OF]:
            found[str(child)] = own
    return found


def is_list_of_codes(listed: object) -> bool:
    return isinstance(listed, list) and all(isinstance(one, dict) for one in listed)


def is_stretch(at: object) -> bool:
    """Two moments in seconds since 1970, in order."""
    numbers = isinstance(at, list) and len(at) == 2 and all(type(one) in (int, float) for one in at)
    return numbers and isinstance(at, list) and 0 <= at[0] <= at[1] < LATEST


def coding(
    recording: str, coder: str, found: Mapping[str, Sequence[Entry]], known: Mapping[str, str], *, several: bool
) -> Coding:
    """Times are from the coder's first entry on; the recording's name is what ties coders together."""
    begun = min(start for own in found.values() for _, start, _ in own)
    ended = max(end for own in found.values() for _, _, end in own)
    if (ended - begun) * 1000 > LONGEST_MS:
        raise refuse(f"{recording}: {coder} coded more than a day.")
    subjects = {child: fixed_id("pinsoro", recording, child) for child in found}
    events = [event for child, own in found.items() for event in events_of(own, subjects[child], begun)]
    events.sort(key=lambda event: (event["at"], event["kind"] == "start"))
    log: list[Mapping[str, Any]] = [
        {"at": 0, "kind": "open"},
        *events,
        {"at": round((ended - begun) * 1000), "kind": "end"},
    ]
    draft = Draft(
        f"{recording}/{coder}", round(begun * 1000), log, known,
        happening=fixed_id("pinsoro", recording), observer=coder,
    )  # fmt: skip
    names = {id_: f"{child} {recording[:15]}" for child, id_ in subjects.items()}
    return Coding(draft, names, "reliability" if several else "field")


def events_of(own: Sequence[Entry], subject: str, begun: float) -> Iterator[dict[str, Any]]:
    """Starts, and a stop where nothing of the same stream begins at that instant."""
    for codes in STREAMS.values():
        mine = sorted((one for one in own if one[0] in codes), key=lambda one: (one[1], one[2]))
        for k, (word, start, end) in enumerate(mine):
            at, until = (round((moment - begun) * 1000) for moment in (start, end))
            following = round((mine[k + 1][1] - begun) * 1000) if k + 1 < len(mine) else None
            yield {"at": at, "kind": "start", "code": word, "subject": subject}
            if following is None or following > until:
                yield {"at": until, "kind": "stop", "code": word, "subject": subject}
