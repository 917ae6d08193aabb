"""Bouts and points as an event table laid out as The Observer XT lays out its own: a row a start, a stop or a point."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta

from observe.core.coding.record import Values
from observe.core.tidy import Cell, Column, Row, Source
from observe.documents.naming import called, local_start, modifier_words, observation, pseudonyms
from observe.documents.package import Provenance, Study
from observe.documents.tables import csv_pieces

START, STOP, POINT = "State start", "State stop", "Point"


def columns(sets: int) -> tuple[Column, ...]:
    """The headings; as many columns of modifiers as the largest number that one code has."""
    words = ("Date_dmy", "Time_Absolute_hms", "Time_Absolute_f", "Time_Relative_hms", "Time_Relative_f")
    head = [Column(name, "string", "") for name in words]
    head += [Column("Time_Relative_sf", "number", "seconds from the start"), Column("Duration_sf", "number", "")]
    texts = ("Observation", "Event_Log", "Subject", "Behavior", *(f"Modifier_{n + 1}" for n in range(sets)))
    return (*head, *(Column(name, "string", "") for name in (*texts, "Event_Type", "Comment")))


def pieces(study: Study, sources: Iterable[Source], provenance: Provenance) -> Iterator[bytes]:
    """The table as CSV, streamed."""
    sets = max((len(code.modifiers) for _, one in study.versions for _, code in one.codes()), default=0)
    names = pseudonyms(study)
    return csv_pieces(columns(sets), (row for source in sources for row in rows(source, names, sets)))


def rows(source: Source, names: dict[str, str], sets: int) -> Iterator[Row]:
    """A session's starts, stops and points in order of time; at one instant what stops comes first."""
    timeline, comments = source.timeline, {}
    for note in timeline.notes:
        if note.about:
            comments[note.about] = note.text
    moments: list[tuple[int, int, str, float, str | None, str, Values, str]] = []
    for bout in timeline.bouts:
        who, length = bout.subject, (bout.end - bout.start) / 1000
        comment = comments.get(bout.event, "") if bout.part == 0 else ""
        moments.append((bout.start, 1, START, length, who, bout.code, bout.modifiers, comment))
        moments.append((bout.end, 0, STOP, 0.0, who, bout.code, bout.modifiers, ""))
    for point in timeline.points:
        comment = comments.get(point.event, "")
        moments.append((point.at, 1, POINT, 0.0, point.subject, point.code, point.modifiers, comment))
    labels = {code.id: str(code.label) for _, code in source.framework.codes()}
    for at, _, kind, length, subject, code, values, comment in sorted(moments, key=lambda one: one[:2]):
        told: list[Cell] = [
            called(names, subject) or None,
            labels.get(code, code),
            *modifiers(source, code, values, sets),
        ]
        yield (*clocks(source, at), at / 1000, length, observation(source), "1", *told, kind, comment or None)


def clocks(source: Source, at: int) -> Sequence[Cell]:
    """Date and time on the wall where it was recorded, and time from the start; thousandths apart, as the peer has them."""
    wall = local_start(source) + timedelta(milliseconds=at)
    hours, rest = divmod(at // 1000, 3600)
    relative = f"{hours:02d}:{rest // 60:02d}:{rest % 60:02d}"
    return f"{wall:%d-%m-%Y}", f"{wall:%H:%M:%S}", f"{wall.microsecond // 1000:03d}", relative, f"{at % 1000:03d}"


def modifiers(source: Source, code: str, values: Values, sets: int) -> list[Cell]:
    """A place for each modifier of the code, in its order."""
    given = {id_: modifier_words(source.framework, ((id_, value),))[0][1] for id_, value in values}
    order = next((one.modifiers for _, one in source.framework.codes() if one.id == code), ())
    found: list[Cell] = [given.get(one) for one in order]
    return (found + [None] * sets)[:sets]
