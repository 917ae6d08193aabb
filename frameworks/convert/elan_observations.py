"""Annotations of ELAN documents as logs: for each annotator of a document what a tablet would have sent.

Documents that were exported from here carry their framework, the start on the wall clock, and when nobody could watch;
they come back as the coded record that they were made of.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from frameworks.convert.elan import ElanDocument, Mark, Tier
from frameworks.convert.elan_scheme import (
    Key,
    ModifierPlan,
    Proposal,
    StreamPlan,
    vocabulary_of,
    who_of,
    words_beneath,
)
from frameworks.findings import Finding, error, hint, warning
from frameworks.model import CodeType, Framework, ModifierKind

NO_DATE = warning(
    "elan.no-date",
    "“{name}” has no readable date; 1 January 1970 stands for it.",
    "Nothing, unless clock times matter.",
)
DATE_OF_SAVING = hint(
    "elan.date-of-saving",
    "ELAN does not keep when a recording was made; the date on which “{name}” was saved stands for it, and the last annotation for its end.",
    "Nothing, unless clock times or the length of the recording matter.",
)
JOINED = warning(
    "elan.overlap",
    "“{word}” on “{tier}” lies over itself {count} times; a code runs once at a time, so each such stretch is one, with a note.",
    "Put what happened at once on tiers of its own.",
)
NAMES = hint(
    "elan.names-of-participants",
    "Participants of the documents become pseudonyms of subjects: {names}.",
    "If these are names of people, replace them in ELAN before the import.",
)
NOT_OURS = error(
    "elan.not-as-exported",
    "“{name}” came from here, but “{what}” in it is not in its framework.",
    "Take it out of ELAN as it was exported, or delete the property “framework document” to read it as any other.",
)
HERE_ALREADY = hint(
    "elan.here-already",
    "“{name}” was exported from a session of this study, which is here already; nothing of it was taken in again.",
    "Nothing.",
)
NO_WORDS = "free notes"
OUTSIDE_WORDS = "not in the framework"
ABOUT = "note about"
PAUSED = "not watched"
OUT_OF_VIEW = "out of view"
TARGET = "target of"
MODIFIER = "modifier "
"""linguistic types of our own documents beside streams; ids of streams cannot have a space, so none is taken for one"""


@dataclass(frozen=True, slots=True)
class ElanLog:
    """One annotator's session: events in order, `ref` being the number of an event among them."""

    name: str
    annotator: str
    started: int
    events: tuple[Mapping[str, Any], ...]
    subjects: Mapping[str, str]
    media: str
    purpose: str = ""
    happening: str = ""
    offset: int = 0
    zone: str = ""
    consent: str | None = None
    variables: Mapping[str, Any] = field(default_factory=dict)
    origin_ms: int = 0
    is_ours: bool = False


@dataclass(slots=True)
class Line:
    """An event on its way; `rank` settles the order within a millisecond."""

    at: int
    rank: int
    fields: dict[str, Any]
    about: Line | None = None


MOST_WORDS = 20_000
"""characters of a note"""

OPEN, STOP, HIDE, SHOW, START, AFTER, NOTE, END = range(8)


@dataclass(slots=True)
class Lines:
    """The events of a session, put in order at last."""

    found: list[Line] = field(default_factory=list)

    def add(self, at: int, rank: int, about: Line | None, fields: Mapping[str, Any]) -> Line:
        kept = {name: value for name, value in fields.items() if value not in (None, {}, "")}
        self.found.append(Line(at, rank, kept, about))
        return self.found[-1]

    def events(self, end: int) -> tuple[Mapping[str, Any], ...]:
        self.add(0, OPEN, None, {"kind": "open"})
        self.add(max([end, *(line.at for line in self.found)]), END, None, {"kind": "end"})
        ordered = sorted(self.found, key=lambda line: (line.at, line.rank))
        number = {id(line): place for place, line in enumerate(ordered, start=1)}
        return tuple(
            {"at": line.at, **line.fields, **({"ref": number[id(line.about)]} if line.about else {})}
            for line in ordered
        )


def logs_of(
    document: ElanDocument, proposal: Proposal, id_of: Callable[[str], str], *, annotator: str = ""
) -> tuple[list[ElanLog], list[Finding]]:
    """A log for each annotator. `id_of` gives a subject's id; `annotator` is who coded where no tier says."""
    if proposal.own:
        assert proposal.framework is not None
        return _Returned(document, proposal.framework, id_of).logs()
    return _Foreign(document, proposal, id_of, annotator).logs()


def started_of(document: ElanDocument) -> int | None:
    """The date of the document, in ms since 1970; None where it has none."""
    try:
        found = datetime.fromisoformat(document.date)
    except ValueError:
        return None
    aware = found if found.tzinfo else found.replace(tzinfo=UTC)
    return (aware - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)


class _Foreign:
    """A document of other people."""

    def __init__(
        self, document: ElanDocument, proposal: Proposal, id_of: Callable[[str], str], annotator: str
    ) -> None:
        self.document, self.proposal, self.id_of = document, proposal, id_of
        self.annotator = annotator or document.author.strip() or "annotator"
        self.findings: list[Finding] = []

    def logs(self) -> tuple[list[ElanLog], list[Finding]]:
        groups: dict[str, list[tuple[Tier, str]]] = {}
        for tier in self.document.tiers:
            if not tier.is_dependent and tier.marks:
                who = who_of(self.document, tier)
                groups.setdefault(who.annotator or self.annotator, []).append((tier, who.participant))
        started = started_of(self.document)
        told = NO_DATE if started is None else DATE_OF_SAVING
        self.findings.append(told.at("", name=self.document.name[:80]))
        everyone = dict.fromkeys(who for tiers in groups.values() for _, who in tiers if who)
        if everyone:
            self.findings.append(NAMES.at("", names=", ".join(everyone)[:300]))
        logs = [
            ElanLog(
                f"{self.document.name}/{annotator}", annotator, started or 0,
                self.events(tiers), {self.id_of(who): who for who in dict.fromkeys(who for _, who in tiers) if who},
                self.document.media, "reliability" if len(groups) > 1 else "field", origin_ms=self.document.origin_ms,
            )
            for annotator, tiers in groups.items()
        ]  # fmt: skip
        return logs, self.findings

    def events(self, tiers: Iterable[tuple[Tier, str]]) -> tuple[Mapping[str, Any], ...]:
        lines, beneath = Lines(), self.beneath()
        if self.document.media:
            lines.add(0, NOTE, None, {"kind": "note", "text": f"Recording: {self.document.media}"})
        for tier, participant in tiers:
            stream = self.proposal.streams[self.proposal.key_of[self.document.name, tier.id]]
            self.tier(lines, tier, stream, self.id_of(participant) if participant else None, beneath)
        return lines.events(self.document.end_ms)

    def beneath(self) -> dict[str, list[tuple[Key, list[str]]]]:
        """For each annotation the words of every dependent tier beneath it."""
        found: dict[str, list[tuple[Key, list[str]]]] = {}
        for tier in self.document.tiers:
            if tier.remarks:
                key = self.proposal.key_of[self.document.name, tier.id]
                for about, words in words_beneath(tier.remarks, vocabulary_of(self.document, tier)).items():
                    found.setdefault(about, []).append((key, words))
        return found

    def tier(
        self,
        lines: Lines,
        tier: Tier,
        stream: StreamPlan,
        subject: str | None,
        beneath: Mapping[str, Sequence[tuple[Key, list[str]]]],
    ) -> None:
        vocabulary = vocabulary_of(self.document, tier)
        running: dict[str, tuple[int, Line, Line]] = {}
        joined: dict[str, int] = {}
        for mark in tier.marks:
            word = "" if stream.runs_on else vocabulary.word(mark.value, mark.entry)
            code = stream.codes[word]
            values = {
                self.proposal.modifiers[key].id: value_of(self.proposal.modifiers[key], words)
                for key, words in beneath.get(mark.id, ())
            }
            told = {"code": code, "subject": subject, "modifiers": values}
            until, start, stop = running.get(word, (-1, None, None))
            if not stream.is_state(word):
                line = lines.add(mark.start, START, None, {"kind": "point", **told})
            elif start is not None and stop is not None and mark.start < until:
                joined[word] = joined.get(word, 0) + 1
                stop.at = max(until, mark.end)
                running[word] = (stop.at, start, stop)
                text = f"Annotated once more from {mark.start} to {mark.end} ms."
                lines.add(mark.start, NOTE, start, {"kind": "note", "text": text})
                line = start
            else:
                line = lines.add(mark.start, START, None, {"kind": "start", **told})
                rank = AFTER if mark.start == mark.end else STOP
                stop = lines.add(mark.end, rank, line, {"kind": "stop", "code": code, "subject": subject})
                running[word] = (mark.end, line, stop)
            for place in range(0, len(mark.value) if stream.runs_on else 0, MOST_WORDS):
                lines.add(mark.start, NOTE, line, {"kind": "note", "text": mark.value[place : place + MOST_WORDS]})
        for word, count in joined.items():
            self.findings.append(JOINED.at("", word=word[:60], tier=tier.id[:60], count=count))


def value_of(plan: ModifierPlan, words: Sequence[str]) -> Any:
    """The words beneath an annotation as a value of their modifier."""
    if plan.kind is ModifierKind.ONE_OF:
        return plan.options[words[0]]
    if plan.kind is ModifierKind.SEVERAL_OF:
        return [plan.options[word] for word in words]
    if plan.kind is ModifierKind.NUMBER:
        return number(words[0])
    return " / ".join(words)


def number(word: str) -> float | int:
    value = float(word.strip().replace(",", "."))
    return int(value) if value == int(value) else value


@dataclass(frozen=True, slots=True)
class _Seen:
    """One annotation of a stream of ours, with what stands beneath it."""

    mark: Mark
    code: str
    subject: str | None
    target: str | None
    values: tuple[tuple[str, Any], ...]
    notes: tuple[str, ...]


class _Returned:
    """A document that was exported from here."""

    def __init__(self, document: ElanDocument, framework: Framework, id_of: Callable[[str], str]) -> None:
        self.document, self.framework, self.id_of = document, framework, id_of
        self.codes = {code.id: (stream, code) for stream, code in framework.codes()}
        self.kinds = {modifier.id: modifier.kind for modifier in framework.modifiers}
        self.actors = {actor.id for actor in framework.actors}
        self.findings: list[Finding] = []
        self.subjects: dict[str, str] = {}

    def logs(self) -> tuple[list[ElanLog], list[Finding]]:
        given = self.document.properties
        lines, hidden = Lines(), self.hidden()
        for pairs in self.by_run().values():
            self.run(lines, pairs, hidden)
        for subject, spans in hidden.items():
            for start, end, kind in spans:
                hide, show = ("pause", "resume") if kind == PAUSED else ("out_of_view", "in_view")
                lines.add(start, HIDE, None, {"kind": hide, "subject": subject})
                if end < self.document_end:
                    lines.add(end, SHOW, None, {"kind": show, "subject": subject})
        for tier in self.document.tiers:
            if tier.kind in (NO_WORDS, OUTSIDE_WORDS):
                for mark in tier.marks:
                    outside = True if tier.kind == OUTSIDE_WORDS else None
                    lines.add(mark.start, NOTE, None, {"kind": "note", "text": mark.value, "outside": outside})
        name = given.get("session") or self.document.name
        log = ElanLog(
            name, self.document.author.strip() or "annotator", whole(given.get("started")) or started_of(self.document) or 0,
            lines.events(self.document_end), self.subjects, "", given.get("purpose", ""), given.get("happening", ""),
            whole(given.get("offset")) or 0, given.get("zone", ""), given.get("consent") or None, self.variables(),
            is_ours=True,
        )  # fmt: skip
        return [log], self.findings

    def variables(self) -> dict[str, Any]:
        try:
            found = json.loads(self.document.properties.get("variables", "{}"))
        except (ValueError, RecursionError):
            return {}
        return found if isinstance(found, dict) else {}

    @property
    def document_end(self) -> int:
        return whole(self.document.properties.get("end")) or self.document.end_ms

    def who(self, participant: str) -> str | None:
        """A subject by its pseudonym; one of the framework's actors is itself."""
        if not participant:
            return None
        if participant in self.actors:
            return participant
        found = self.id_of(participant)
        self.subjects[found] = participant
        return found

    def hidden(self) -> dict[str | None, list[tuple[int, int, str]]]:
        """When nobody watched, and when somebody could not be seen."""
        found: dict[str | None, list[tuple[int, int, str]]] = {None: []}
        for tier in self.document.tiers:
            if tier.kind in (PAUSED, OUT_OF_VIEW):
                spans = found.setdefault(self.who(tier.participant), [])
                spans += [(mark.start, mark.end, tier.kind) for mark in tier.marks]
        return found

    def by_run(self) -> dict[tuple[Any, ...], list[_Seen]]:
        """Annotations of one stream, subject, code, target and modifiers together: a bout may lie in several."""
        beneath: dict[str, list[tuple[Tier, str]]] = {}
        for tier in self.document.tiers:
            for remark in tier.remarks:
                beneath.setdefault(remark.about, []).append((tier, remark.value))
        found: dict[tuple[Any, ...], list[_Seen]] = {}
        for tier in self.document.tiers:
            if tier.kind in (NO_WORDS, OUTSIDE_WORDS, PAUSED, OUT_OF_VIEW):
                continue
            subject = self.who(tier.participant)
            for mark in tier.marks:
                if mark.value not in self.codes or self.codes[mark.value][0].id != tier.kind:
                    self.findings.append(NOT_OURS.at("", name=self.document.name[:80], what=mark.value[:60]))
                    continue
                seen = self.seen(mark, subject, beneath.get(mark.id, ()))
                found.setdefault((mark.value, subject, seen.target, repr(seen.values)), []).append(seen)
        return found

    def seen(self, mark: Mark, subject: str | None, beneath: Sequence[tuple[Tier, str]]) -> _Seen:
        values: dict[str, Any] = {}
        target, notes = None, []
        for tier, word in beneath:
            id_ = tier.kind.removeprefix(MODIFIER)
            kind = self.kinds.get(id_) if tier.kind.startswith(MODIFIER) else None
            if tier.kind == TARGET:
                target = self.who(word)
            elif tier.kind == ABOUT:
                notes.append(word)
            elif kind is ModifierKind.SEVERAL_OF:
                values.setdefault(id_, []).append(word)
            elif kind is ModifierKind.NUMBER:
                values[id_] = number(word)
            elif kind is ModifierKind.ACTOR:
                values[id_] = self.who(word)
            elif kind is not None:
                values[id_] = word
            else:
                self.findings.append(NOT_OURS.at("", name=self.document.name[:80], what=tier.kind[:60]))
        return _Seen(mark, mark.value, subject, target, tuple(values.items()), tuple(notes))

    def run(
        self, lines: Lines, pairs: Sequence[_Seen], hidden: Mapping[str | None, list[tuple[int, int, str]]]
    ) -> None:
        """Starts and stops; what only a hidden stretch divides goes on by itself, and what ends with the session is left open."""
        ordered = sorted(pairs, key=lambda one: one.mark.start)
        spans = sorted((a, b) for who in {None, ordered[0].subject} for a, b, _ in hidden.get(who, ()))
        gaps = joined_spans(spans)
        open_: Line | None = None
        for place, one in enumerate(ordered):
            told = {"code": one.code, "subject": one.subject}
            more = {**told, "target": one.target, "modifiers": dict(one.values)}
            if self.codes[one.code][1].type is CodeType.POINT:
                line = lines.add(one.mark.start, START, None, {"kind": "point", **more})
            else:
                line = open_ or lines.add(one.mark.start, START, None, {"kind": "start", **more})
                after = ordered[place + 1].mark.start if place + 1 < len(ordered) else None
                goes_on = after is not None and (one.mark.end, after) in gaps
                if not goes_on and one.mark.end < self.document_end:
                    rank = AFTER if one.mark.end == line.at else STOP
                    lines.add(one.mark.end, rank, line, {"kind": "stop", **told})
                open_ = line if goes_on else None
            for note in one.notes:
                lines.add(line.at, NOTE, line, {"kind": "note", "text": note})


def joined_spans(spans: Sequence[tuple[int, int]]) -> set[tuple[int, int]]:
    """Spans in order, with those that touch or overlap made one."""
    found: list[tuple[int, int]] = []
    for start, end in spans:
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return set(found)


def whole(words: str | None) -> int | None:
    return int(words) if words and words.lstrip("-").isdecimal() and len(words) < 18 else None
