"""How long the coded record takes: `python -m benchmarks.timeline [sessions] [events]`.

Sessions as they come from the field: exclusive states of several subjects, points with modifiers, a group scan, interval
ticks, pauses, out of view, undo and back-dating. Times are CPU seconds of this process.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from time import process_time
from typing import Any

from frameworks.model import Actor, Code, CodeType, Framework, Sampling, SamplingKind, SeenAs, Stream, Text
from observe.core.coding.events import Event, event_of
from observe.core.coding.timeline import as_json, timeline

SUBJECTS = tuple(f"P{n}" for n in range(1, 9))


def label(words: str) -> Text:
    return Text((("en", words),))


def framework() -> Framework:
    """Four streams, forty codes."""
    states = tuple(Code(f"state{n}", label(f"State {n}"), CodeType.STATE) for n in range(15))
    points = tuple(Code(f"point{n}", label(f"Point {n}"), double_guard_ms=200) for n in range(15))
    ticks = tuple(Code(f"tick{n}", label(f"Tick {n}")) for n in range(5))
    seen = tuple(Code(f"seen{n}", label(f"Seen {n}"), CodeType.STATE) for n in range(5))
    interval = Sampling(SamplingKind.PARTIAL_INTERVAL, length_ms=15_000)
    scan = Sampling(SamplingKind.MOMENTARY_SCAN, length_ms=240_000, late_after_ms=10_000)
    return Framework(
        slug="benchmark",
        title=label("Benchmark"),
        actors=(Actor("child", label("Child")), Actor("room", label("Room"), seen_as=SeenAs.AS_ONE)),
        streams=(
            Stream("states", label("States"), actors=("child",), exclusive=True, codes=states),
            Stream("points", label("Points"), actors=("child",), target="optional", codes=points),
            Stream("ticks", label("Ticks"), interval, actors=("room",), codes=ticks),
            Stream("scans", label("Scans"), scan, actors=("child",), codes=seen),
        ),
    )


def rows(count: int, chance: random.Random) -> Iterator[dict[str, Any]]:
    """A log of so many events, some three seconds apart."""
    at = 0
    yield {"id": "e1", "seq": 1, "at": 0, "kind": "open", "boot": "b"}
    for seq in range(2, count):
        at += chance.randrange(500, 5_500)
        yield {"id": f"e{seq}", "seq": seq, "at": at, "boot": "b", **one(seq, at, chance)}
    yield {"id": f"e{count}", "seq": count, "at": at + 1_000, "kind": "end", "count": count, "boot": "b"}


def one(seq: int, at: int, chance: random.Random) -> dict[str, Any]:
    dice, subject = chance.random(), chance.choice(SUBJECTS)
    if dice < 0.35:
        return {"kind": "start", "code": f"state{chance.randrange(15)}", "subject": subject}
    if dice < 0.65:
        return {
            "kind": "point", "code": f"point{chance.randrange(15)}", "subject": subject, "modifiers": {"to": "peer"},
        }  # fmt: skip
    if dice < 0.80:
        return {"kind": "tick", "stream": "ticks", "interval": at // 15_000, "code": f"tick{chance.randrange(5)}"}
    if dice < 0.86:
        return {
            "kind": "scan", "stream": "scans", "sample": at // 240_000, "subject": subject, "code": f"seen{chance.randrange(5)}",
        }  # fmt: skip
    if dice < 0.92:
        return {"kind": "amend", "ref": f"e{chance.randrange(2, seq + 1)}", "void": True}
    if dice < 0.96:
        return {"kind": chance.choice(("out_of_view", "in_view")), "subject": subject}
    return {"kind": chance.choice(("pause", "resume", "note")), "text": "words"}


def logs(sessions: int, events: int) -> list[list[Event]]:
    chance = random.Random(20_261_124)
    return [[event_of(row) for row in rows(events, chance)] for _ in range(sessions)]


def seconds(sessions: int, events: int) -> tuple[float, int]:
    """CPU seconds for the records of so many sessions, and how many values they hold."""
    scheme, header = framework(), {"subjects": list(SUBJECTS)}
    made = logs(sessions, events)
    begun = process_time()
    records = [timeline(scheme, header, log) for log in made]
    spent = process_time() - begun
    first = as_json(records[0])
    return spent, sum(len(values) for values in first.values() if isinstance(values, list))


def main(arguments: list[str]) -> None:
    sessions, events = (int(given) for given in [*arguments, "100", "1000"][:2]) if arguments else (100, 1_000)
    print(f"{'sessions':>9} {'events':>8} {'in all':>9} {'CPU s':>7} {'µs/event':>9}  values in a record")
    for times in (1, 10):
        each, many = events * times, max(1, sessions // times)
        spent, values = seconds(many, each)
        print(f"{many:>9} {each:>8} {many * each:>9} {spent:>7.2f} {spent / (many * each) * 1e6:>9.1f}  {values}")


if __name__ == "__main__":
    main(sys.argv[1:])
