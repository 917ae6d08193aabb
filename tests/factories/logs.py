"""Random frameworks and logs for properties: everything that a recorder can write, and much that it should not."""

from __future__ import annotations

import random
from typing import Any

ACTORS = [
    {"id": "child", "label": "Child"},
    {"id": "teacher", "label": "Teacher", "seen_as": "as-one"},
    {"id": "room", "label": "Room", "seen_as": "as-one"},
    {"id": "crowd", "label": "Crowd", "seen_as": "counted"},
]
KINDS = (
    ["point"] * 4 + ["start"] * 6 + ["stop"] * 4 + ["change"] * 2 + ["tick"] * 4 + ["scan"] * 3 + ["amend"] * 3
    + ["interval", "rate", "link", "note", "pause", "resume", "out_of_view", "in_view", "arrive", "leave", "focal"]
    + ["clock", "odd"]
)  # fmt: skip


def framework_document(chance: random.Random) -> dict[str, Any]:
    """One to four streams of any sampling; every option drawn by lot."""
    streams = [_stream(i, chance) for i in range(chance.randint(1, 4))]
    link = {"id": "l", "label": "L", "from_codes": ["c00"], "to_codes": ["c01", "c00"], "within_ms": 1_500}
    return {
        "schema": "observe-framework/1", "slug": "random", "title": "Random", "actors": ACTORS, "streams": streams,
        "links": [link],
    }  # fmt: skip


def _sampling(chance: random.Random) -> dict[str, Any]:
    kind = chance.choice([
        "continuous", "continuous", "continuous", "partial-interval", "predominant-interval", "observe-record",
        "momentary-scan", "area-count", "snapshots", "beat-or-change", "tally", "rating",
    ])  # fmt: skip
    sampling: dict[str, Any] = {"kind": kind}
    if kind in ("partial-interval", "predominant-interval", "momentary-scan", "beat-or-change"):
        sampling["length_ms"] = chance.choice([1_000, 1_500, 3_000])
    if kind in ("area-count", "tally") and chance.random() < 0.6:
        sampling["length_ms"] = chance.choice([2_000, 4_000])
    if kind == "observe-record":
        sampling |= {"observe_ms": 1_000, "record_ms": chance.choice([1, 500])}
    if kind == "snapshots":
        sampling |= {"count": chance.randint(1, 6), "over_ms": 10_000}
    if kind == "rating":
        sampling["rated_at"] = chance.choice(["any", "end", "start"])
    if chance.random() < 0.3:
        sampling |= {"every": chance.randint(1, 3), "first": chance.randint(1, 3)}
    if chance.random() < 0.3:
        sampling |= {"late_after_ms": 500, "missed_after_ms": 1_500}
    if chance.random() < 0.25:
        sampling["rotation"] = {"dwell_ms": 2_000, "order": chance.choice(["roster", "shuffled"])}
    return sampling


def _stream(number: int, chance: random.Random) -> dict[str, Any]:
    codes: list[dict[str, Any]] = []
    for place in range(chance.randint(1, 4)):
        code = {"id": f"c{number}{place}", "label": "C", "type": chance.choice(["point", "state", "state"])}
        codes.append(code | ({"double_guard_ms": 300} if chance.random() < 0.3 else {}))
    stream: dict[str, Any] = {
        "id": f"s{number}", "label": "S", "sampling": _sampling(chance), "exclusive": chance.random() < 0.5, "codes": codes,
        "out_of_view": chance.choice(["split", "suspend"]),
        "actors": chance.choice([[], ["child"], ["teacher"], ["teacher", "room"], ["child", "teacher"], ["crowd"]]),
    }  # fmt: skip
    if chance.random() < 0.4:
        stream |= {"exhaustive": "always", "fallback": codes[0]["id"]}
    if chance.random() < 0.4:
        priority = [code["id"] for code in codes][:2]
        stream |= {"priority": priority, "priority_rule": chance.choice(["warn", "resolve"])}
    if chance.random() < 0.2:
        stream["target"] = "required"
    if stream["sampling"]["kind"] == "rating":
        values = [{"value": 1, "label": "1"}, {"value": 3, "label": "3"}]
        stream["ratings"] = [{"id": f"r{number}", "label": "R", "values": values}]
    return stream


def rows(document: dict[str, Any], chance: random.Random, *, most: int = 60) -> list[dict[str, Any]]:
    """A log of some ten seconds with repetitions, undo, back-dating, contradictions and things nobody knows."""
    codes = [code["id"] for stream in document["streams"] for code in stream["codes"]] + ["unheard-of"]
    streams = [stream["id"] for stream in document["streams"]] + ["nowhere"]
    made: list[dict[str, Any]] = [{"id": "e1", "seq": 1, "at": 0, "kind": "open", "boot": "a"}]
    at = 0
    for seq in range(2, chance.randint(2, most) + 2):
        at += chance.choice([0, 1, 100, 250, 700])
        kind = "end" if chance.random() < 0.02 else chance.choice(KINDS)
        boot = chance.choice(["a", "a", "a", "b"])
        row = {
            "id": f"e{seq}",
            "seq": seq,
            "at": at,
            "kind": kind,
            "boot": boot,
            **_fields(kind, seq, at, codes, streams, chance),
        }
        if chance.random() < 0.08:
            row |= {"tapped": at, "at": max(-500, at - chance.randint(0, 2_000))}
        made.append(row)
        if chance.random() < 0.05:
            made.append(dict(row))
    return made


def _fields(
    kind: str, seq: int, at: int, codes: list[str], streams: list[str], chance: random.Random
) -> dict[str, Any]:
    subject = chance.choice([None, "P1", "P2", "P3", "teacher", "room"])
    ref = f"e{chance.randint(1, seq + 1)}"
    match kind:
        case "point" | "start" | "stop" | "change":
            return _occurrence(kind, codes, subject, ref, chance)
        case "tick":
            return {
                "stream": chance.choice(streams),
                "interval": chance.randint(0, 8),
                **_occurrence(kind, codes, subject, ref, chance),
            }
        case "interval":
            return {
                "stream": chance.choice(streams),
                "interval": chance.randint(0, 8),
                "state": chance.choice(["empty", "missed"]),
                "subject": subject,
            }
        case "scan":
            return {
                "stream": chance.choice(streams),
                "sample": chance.randint(0, 7),
                "subject": subject,
                **_seen(codes, chance),
            }
        case "rate":
            rated = (
                {"value": chance.choice([1, 2, 3, 2.5, True])}
                if chance.random() < 0.6
                else {"answer": chance.choice(["cannot-judge", "not-observable", "not-applicable", "hm"])}
            )
            return {"rating": chance.choice(["r0", "r1", "r2", "unheard-of"]), "subject": subject, **rated}
        case "link":
            return {
                "link": chance.choice(["l", "unheard-of"]),
                "from": ref,
                "to": chance.choice([None, f"e{chance.randint(1, seq + 2)}"]),
            }
        case "note":
            return {
                "text": "words",
                "ref": chance.choice([None, ref]),
                "outside": chance.choice([None, True, False]),
            }
        case "out_of_view" | "in_view":
            return {"subject": chance.choice([None, None, "P1", "P2"])}
        case "arrive" | "leave" | "focal":
            return {
                "subject": chance.choice(["P1", "P2", "P3"]),
                **({"actor": "child"} if kind == "arrive" and chance.random() < 0.3 else {}),
            }
        case "clock":
            return {"reason": chance.choice(["minute", "jump", "slept", "boot"])}
        case "end":
            return {"count": seq}
        case "amend":
            return {"ref": ref, **_amendment(at, codes, chance)}
    return {}


def _occurrence(
    kind: str, codes: list[str], subject: str | None, ref: str, chance: random.Random
) -> dict[str, Any]:
    fields: dict[str, Any] = {"code": chance.choice(codes), "subject": subject}
    if chance.random() < 0.2:
        fields["target"] = chance.choice(["P1", "P2"])
    if chance.random() < 0.3:
        fields["modifiers"] = {"m": chance.choice(["x", "y", 3, True, None, ["b", "a"]]), "a": 1}
    if kind == "stop" and chance.random() < 0.3:
        fields["ref"] = ref
    return fields


def _seen(codes: list[str], chance: random.Random) -> dict[str, Any]:
    dice = chance.random()
    if dice < 0.5:
        return {"code": chance.choice(codes)}
    if dice < 0.7:
        return {"state": chance.choice(["empty", "missed", "taken"])}
    cells = [
        {"cell": {"code": chance.choice(codes), "sex": chance.choice("fm")}, "n": chance.randint(0, 2)}
        for _ in range(2)
    ]
    return {"counts": cells}


def _amendment(at: int, codes: list[str], chance: random.Random) -> dict[str, Any]:
    values = chance.choice([
        {"at": chance.randint(-300, at + 300)}, {"code": chance.choice(codes)}, {"subject": chance.choice([None, "P1"])},
        {"modifiers": {"q": "z"}}, {"kind": "stop", "target": None}, {"interval": -1}, {"outside": True},
    ])  # fmt: skip
    return {
        **({"void": True} if chance.random() < 0.6 else {}),
        **({"set": values} if chance.random() < 0.6 else {}),
    }
