"""From logs through the coded record to patterns, with every ready-made framework that names constructs."""

from __future__ import annotations

import random
from functools import cache
from typing import Any

import pytest

from frameworks import library
from frameworks.model import CodeType, Framework, ModifierKind, Rating, RatingScale, SamplingKind, SeenAs, Stream
from observe.core.coding.events import event_of
from observe.core.coding.timeline import timeline
from observe.core.patterns import CodedSession, Run, Status, infer, name_of, rows_from
from tests.factories.coded import ready_made

CASES, VISITS, HOUR = 8, 6, 3_600_000
INTERVALS = {
    SamplingKind.PARTIAL_INTERVAL,
    SamplingKind.WHOLE_INTERVAL,
    SamplingKind.PREDOMINANT_INTERVAL,
    SamplingKind.OBSERVE_RECORD,
}
SCANS = {SamplingKind.MOMENTARY_SCAN, SamplingKind.SNAPSHOTS}


def slugs_with_constructs() -> list[str]:
    return [slug for slug in library.slugs() if ready_made(slug).constructs]


def by_chance(framework: Framework, chance: random.Random, people: list[str]) -> list[dict[str, Any]]:
    """An hour in which everybody does everything alike, by chance."""
    rows: list[dict[str, Any]] = []
    kinds = {actor.id: actor.seen_as for actor in framework.actors}
    for stream in framework.streams:
        named = [actor for actor in stream.actors if kinds[actor] in (SeenAs.NAMED, SeenAs.ON_THE_FLY)]
        one = [actor for actor in stream.actors if kinds[actor] is SeenAs.AS_ONE] if len(stream.actors) > 1 else []
        for subject in people if named else one or [None]:
            rows += [
                row | ({"subject": subject} if subject else {}) for row in _of_stream(framework, stream, chance)
            ]
    rows.sort(key=lambda row: row["at"])
    rows = [{"kind": "open", "at": 0}, *rows, {"kind": "end", "at": HOUR, "count": len(rows) + 2}]
    return [{"id": f"e{seq}", "seq": seq, **row} for seq, row in enumerate(rows, 1)]


def _of_stream(framework: Framework, stream: Stream, chance: random.Random) -> list[dict[str, Any]]:
    kind, rows = stream.sampling.kind, []
    for rating in stream.ratings:
        rows.append({"kind": "rate", "at": chance.randrange(HOUR), "rating": rating.id, **_judged(rating, chance)})
    if kind is SamplingKind.AREA_COUNT:
        return rows + _counted(stream, chance)
    for code in stream.codes:
        for _ in range(chance.randrange(8)):
            at = chance.randrange(HOUR)
            more = _modified(framework, code.modifiers, chance)
            if kind in INTERVALS:
                rows.append(
                    {
                        "kind": "tick",
                        "at": at,
                        "stream": stream.id,
                        "interval": chance.randrange(8),
                        "code": code.id,
                        **more,
                    }
                )
            elif kind in SCANS:
                rows.append(
                    {
                        "kind": "scan",
                        "at": at,
                        "stream": stream.id,
                        "sample": chance.randrange(8),
                        "code": code.id,
                        **more,
                    }
                )
            elif kind is SamplingKind.BEAT_OR_CHANGE:
                rows.append({"kind": "change", "at": at, "code": code.id, **more})
            else:
                rows.append(
                    {
                        "kind": "start" if code.type is CodeType.STATE else "point",
                        "at": at,
                        "code": code.id,
                        **more,
                    }
                )
    return rows


def _counted(stream: Stream, chance: random.Random) -> list[dict[str, Any]]:
    """Scans in which some people are found at each code, of a kind that chance draws."""
    every = stream.sampling.length_ms or HOUR
    return [
        {
            "kind": "scan", "at": sample * every, "stream": stream.id, "sample": sample,
            "counts": [
                {"cell": {"code": code.id} | {one.id: chance.choice(one.options).id for one in stream.crossed},
                 "n": chance.randrange(1, 6)}
                for code in stream.codes
            ],
        }
        for sample in range(HOUR // every)
    ]  # fmt: skip


def _modified(framework: Framework, asked: tuple[str, ...], chance: random.Random) -> dict[str, Any]:
    known = {one.id: one for one in framework.modifiers if one.id in asked and one.options}
    given = {id: chance.choice(one.options).id for id, one in known.items()}
    return {
        "modifiers": {id: [one] if known[id].kind is ModifierKind.SEVERAL_OF else one for id, one in given.items()}
    }


def _judged(rating: Rating, chance: random.Random) -> dict[str, Any]:
    if chance.random() < 0.1:
        return {"answer": "cannot-judge"}
    if rating.scale is RatingScale.ORDINAL:
        return {"value": chance.choice(rating.values).value}
    return {"value": chance.randrange(2)}


@cache
def sessions(slug: str) -> tuple[CodedSession, ...]:
    framework, chance = ready_made(slug), random.Random(slug)
    made = []
    for case in range(CASES):
        people = [f"C{case}"]
        for visit in range(VISITS):
            rows = by_chance(framework, chance, people)
            record = timeline(framework, {"subjects": people}, [event_of(row) for row in rows])
            made.append(CodedSession(
                f"s{case}-{visit}", record, f"o{(case + visit) % 2}", f"g{(case + visit // 2) % 2}", case=f"C{case}", day=float(visit),
            ))  # fmt: skip
    return tuple(made)


@cache
def run(slug: str) -> Run:
    return infer(ready_made(slug), sessions(slug))


@pytest.mark.parametrize("slug", slugs_with_constructs())
def test_every_indicator_is_read_or_said_to_be_left_out(slug: str):
    framework = ready_made(slug)
    wanted = {name_of(one) for construct in framework.constructs for one in construct.indicators}

    rows = rows_from(framework, sessions(slug))

    read = {row.indicator for row in rows.rows}
    assert wanted - read == {words.partition(":")[0] for words in rows.left_out} - read
    assert {row.person for row in rows.rows} <= {f"C{case}" for case in range(CASES)}


@pytest.mark.parametrize("slug", slugs_with_constructs())
def test_where_all_act_alike_by_chance_nobody_stands_out_and_the_evidence_adds_up(slug: str):
    found = run(slug)

    assert {one.status for one in found.findings} & {Status.PATTERN, Status.CONTRARY} == set()
    for one in found.findings:
        if one.estimate is not None:
            assert one.evidence.total == pytest.approx(one.estimate.mean, abs=0.005)
    assert len(found.constructs) <= len(ready_made(slug).constructs)
