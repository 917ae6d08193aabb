"""Ratings, links, notes and positions: what the observer and the tablet say, beside what was tapped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from frameworks.model import RatedAt, Rating, RatingScale
from observe.core.coding.events import Event, is_whole
from observe.core.coding.lookup import Lookup
from observe.core.coding.record import Finding, Linked, Note, Position, Rated
from observe.core.coding.walk import values

ONCE = frozenset({RatedAt.START, RatedAt.INTERVAL, RatedAt.END})
ANSWERS = ("cannot-judge", "not-observable", "not-applicable")


def ratings(events: Sequence[Event], lookup: Lookup, found: list[Finding]) -> list[Rated]:
    """Every judgement; where one is asked for once, the last one given counts and the others are findings."""
    kept: dict[tuple[object, ...], Rated] = {}
    for number, event in enumerate(events):
        stream, rating = lookup.rating_by_id.get(event.fields.get("rating", ""), (None, None))
        if rating is None:
            found.append(Finding("rating.unknown", event.at, (event.id,), event.fields.get("rating", "")))
        rated = _rated(event, stream.id if stream else "", lookup.subject_in(stream, event.subject))
        _judge(rated, rating, found)
        once = stream is not None and stream.sampling.rated_at in ONCE
        key: tuple[object, ...] = (rated.rating, rated.subject, rated.interval) if once else (number,)
        if key in kept:
            former = kept.pop(key)
            found.append(Finding("rating.repeated", rated.at, (former.event, rated.event)))
        kept[key] = rated
    return list(kept.values())


def _rated(event: Event, stream: str, subject: str | None) -> Rated:
    fields = event.fields
    value = fields.get("value")
    answer = "value" if value is not None else str(fields.get("answer") or "none")
    number = int(value) if isinstance(value, bool) else value
    return Rated(
        event.id, event.at, stream, fields.get("rating", ""), number, answer, subject, fields.get("interval"),
        values(fields.get("details")),
    )  # fmt: skip


def _judge(rated: Rated, rating: Rating | None, found: list[Finding]) -> None:
    if rated.value is None and rated.answer not in ANSWERS:
        found.append(Finding("rating.no_answer", rated.at, (rated.event,)))
    elif rating is not None and rated.value is not None and not _is_on_scale(rated.value, rating):
        found.append(Finding("rating.out_of_range", rated.at, (rated.event,)))
    elif rating is not None and rated.value is None and not _is_allowed(rated.answer, rating):
        found.append(Finding("rating.answer_not_allowed", rated.at, (rated.event,), rated.answer))


def _is_on_scale(value: float, rating: Rating) -> bool:
    if rating.scale is RatingScale.YES_NO:
        return value in (0, 1)
    if rating.scale is RatingScale.ORDINAL and rating.values:
        return any(value == allowed.value for allowed in rating.values)
    above = rating.minimum is None or value >= rating.minimum
    return above and (rating.maximum is None or value <= rating.maximum)


def _is_allowed(answer: str, rating: Rating) -> bool:
    allowed = (rating.cannot_judge_allowed, rating.not_observable_allowed, rating.not_applicable_allowed)
    return dict(zip(ANSWERS, allowed, strict=True))[answer]


def links(
    events: Sequence[Event], by_id: Mapping[str, Event], lookup: Lookup, found: list[Finding]
) -> list[Linked]:
    """Events that belong together, with the time between their onsets; `to` null says that nothing answered."""
    listed = []
    for event in events:
        begin = by_id.get(event.fields.get("from", ""))
        to = event.fields.get("to")
        answer = by_id.get(to) if to is not None else None
        if begin is None or (to is not None and answer is None):
            found.append(Finding("link.unknown_event", event.at, (event.id,)))
            continue
        _judge_link(event, begin, answer, lookup, found)
        listed.append(_linked(event, begin, answer, lookup))
    return listed


def _linked(event: Event, begin: Event, answer: Event | None, lookup: Lookup) -> Linked:
    name = event.fields.get("link", "")
    link = lookup.link_by_id.get(name)
    if answer is None:
        return Linked(event.id, name, begin.id, None, None, False)
    wait = answer.at - begin.at
    limit = link.within_ms if link else None
    return Linked(event.id, name, begin.id, answer.id, wait, wait >= 0 and (limit is None or wait <= limit))


def _judge_link(event: Event, begin: Event, answer: Event | None, lookup: Lookup, found: list[Finding]) -> None:
    link = lookup.link_by_id.get(event.fields.get("link", ""))
    if link is None:
        found.append(Finding("link.unknown", event.at, (event.id,), event.fields.get("link", "")))
    elif begin.code not in link.from_codes or (answer is not None and answer.code not in link.to_codes):
        found.append(Finding("link.wrong_code", event.at, (event.id,)))


def notes(events: Sequence[Event]) -> list[Note]:
    """Words as they were written, also after the end."""
    return [
        Note(e.id, e.at, e.fields.get("text", ""), e.fields.get("ref"), e.fields.get("outside") is True)
        for e in events
    ]


MISSING = ("lost", "refused", "unavailable", "off")


def positions(events: Sequence[Event], found: list[Finding]) -> list[Position]:
    """Where the tablet was. One whose figures are no place on earth is lost, and a finding."""
    listed = []
    for event in events:
        fields = event.fields
        latitude, longitude = _degrees(fields.get("latitude"), 90), _degrees(fields.get("longitude"), 180)
        state = fields.get("state", "known")
        if state not in MISSING and (latitude is None or longitude is None):
            found.append(Finding("position.unreadable", event.at, (event.id,)))
            state = "lost"
        about = fields.get("of", ""), fields.get("ref"), fields.get("stream"), fields.get("sample")
        of, ref, stream, sample = about
        if state in MISSING:
            listed.append(Position(event.id, event.at, of, state, ref, stream, sample))
        else:
            listed.append(
                Position(
                    event.id,
                    event.at,
                    of,
                    "known",
                    ref,
                    stream,
                    sample,
                    latitude,
                    longitude,
                    _above_zero(fields.get("accuracy")),
                    _whole(fields.get("age")),
                    _whole(fields.get("rounded")),
                )
            )
    return listed


def _degrees(value: object, most: int) -> float | None:
    known = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= most
    return value if known else None  # type: ignore[return-value]


def _above_zero(value: object) -> float | None:
    known = isinstance(value, int | float) and not isinstance(value, bool) and value >= 0
    return value if known else None  # type: ignore[return-value]


def _whole(value: object) -> int | None:
    return value if is_whole(value, 0) else None  # type: ignore[return-value]
