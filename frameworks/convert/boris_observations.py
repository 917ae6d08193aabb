"""Observations of a BORIS project as logs: a session header and its events, as docs/reference/log.md has them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

from frameworks.convert.boris import Behaviour, BorisProject, ModifierSet, rows_of
from frameworks.findings import Finding, error, hint, pointer, warning
from frameworks.model import ModifierKind, VariableKind
from frameworks.versions import content_hash

UNKNOWN = error(
    "boris.no-such-observation", "The project has no observation “{name}”.", "Choose one of those it has."
)
NOT_ROWS = warning(
    "boris.rows-unreadable", "{count} rows of “{name}” are not events and were left out.", "Look at them in BORIS."
)
UNPAIRED = warning(
    "boris.unpaired",
    "“{code}”{who} is started and never stopped in “{name}”; it is closed at the end and marked as cut off.",
    "Use BORIS's “Fix unpaired events”, or leave it so.",
)
NO_DATE = warning(
    "boris.no-date",
    "“{name}” has no readable date; 1 January 1970 stands for it.",
    "Set the date of the session after the import.",
)
NO_ZONE = hint(
    "boris.no-zone",
    "BORIS keeps no time zone; the offset given with the import was used.",
    "Check it where clock times matter.",
)
UNKNOWN_VALUE = warning(
    "boris.modifier-unknown",
    "“{value}” is not a value of the modifier of “{code}”; it is kept in a note.",
    "Add the option to the framework, or correct the event.",
)
OVERLAP = warning(
    "boris.overlap",
    "“{code}”{who} runs twice at once in “{name}”, with different modifiers; here a code runs once at a time.",
    "Make the modifier a code of its own if both matter.",
)
NO_FOCAL = "No focal subject"
DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True)
class ImportedLog:
    """One observation as a session: header, events, the pseudonym of each subject by its new id, and findings."""

    header: dict[str, Any] | None
    events: tuple[dict[str, Any], ...]
    subjects: Mapping[str, str]
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Into:
    """Where a log is to go: what BORIS does not know and the importer must say."""

    study: int
    observer: int
    device: str
    new_id: Callable[[], str]
    offset: int = 0
    """minutes east of UTC that the observation's clock is taken to show"""
    zone: str = "UTC"


def log_of(project: BorisProject, name: str, into: Into) -> ImportedLog:
    """The log of one observation. States are paired as BORIS pairs them, by subject, code and modifiers in time order."""
    observation = project.observations.get(name)
    if observation is None or project.framework is None:
        return ImportedLog(None, (), {}, (UNKNOWN.at("/observations", name=name),))
    return Session(project, name, observation, into).log()


class Session:
    """One observation on its way into a log."""

    def __init__(self, project: BorisProject, name: str, observation: Mapping[str, Any], into: Into) -> None:
        self.project, self.name, self.observation, self.into = project, name, observation, into
        self.findings: list[Finding] = []
        self.rows = rows_of(observation)
        self.origin_ms = self.origin()
        self.boot = into.new_id()
        self.started = self.wall_clock()
        self.subject_ids = self.subjects()
        self.events: list[dict[str, Any]] = []

    def log(self) -> ImportedLog:
        """Header and events; the last event is the end, with the count of all."""
        events = self.observation.get("events")
        unread = (len(events) if isinstance(events, list | dict) else 0) - len(self.rows)
        if unread:
            self.findings.append(NOT_ROWS.at(self.path, name=self.name, count=unread))
        self.add("open", 0)
        for pseudonym, subject in self.subject_ids.items():
            self.add("arrive", 0, subject=subject, pseudonym=pseudonym, actor="subject")
        if description := str(self.observation.get("description") or "").strip():
            self.add("note", 0, text=description[:5_000])
        self.recorded()
        last = max((event["at"] for event in self.events), default=0)
        self.add("end", max(last, self.media_ms()), count=len(self.events) + 1)
        pseudonyms = {subject: pseudonym for pseudonym, subject in self.subject_ids.items()}
        return ImportedLog(self.header(), tuple(self.events), pseudonyms, tuple(self.findings))

    @property
    def path(self) -> str:
        """Where the observation stands in the project."""
        return pointer("observations", self.name)

    def header(self) -> dict[str, Any]:
        """The session header; what BORIS does not know is null."""
        assert self.project.framework is not None
        return {
            "id": self.into.new_id(),
            "study": self.into.study,
            "framework": content_hash(self.project.framework),
            "observer": self.into.observer,
            "device": self.into.device,
            "purpose": "field",
            "happening": None,
            "setting": None,
            "subjects": list(self.subject_ids.values()),
            "variables": self.variables(),
            "consent": None,
            "started": self.started,
            "offset": self.into.offset,
            "zone": self.into.zone,
            "app": "boris-import/1",
            "planned_ms": None,
        }

    def origin(self) -> int:
        """The BORIS time that becomes 0: zero, unless events lie before it or are clock times counted from midnight or 1970."""
        offset = self.observation.get("time offset")
        begin = milliseconds(offset) if isinstance(offset, int | float) and not isinstance(offset, bool) else 0
        first = milliseconds(self.rows[0][0]) if self.rows else 0
        by_clock = any(self.observation.get(f"start_from_current_{what}time") for what in ("", "epoch_"))
        return first if by_clock or first < begin or first - begin > 30 * DAY_MS else begin

    def wall_clock(self) -> int:
        """The start on the wall clock, in ms since 1970 UTC, with the offset given for the import."""
        words = str(self.observation.get("date") or "").strip().replace(" ", "T", 1)
        try:
            local = datetime.fromisoformat(words)
        except ValueError:
            self.findings.append(NO_DATE.at(self.path + "/date", name=self.name))
            return 0
        if local.tzinfo is None:
            self.findings.append(NO_ZONE.at(self.path + "/date"))
            local = local.replace(tzinfo=timezone(timedelta(minutes=self.into.offset)))
        return (local - datetime(1970, 1, 1, tzinfo=timezone.utc)) // timedelta(milliseconds=1)  # noqa: UP017

    def subjects(self) -> dict[str, str]:
        """A new id for each subject that this observation has events of, defined or not."""
        names = dict.fromkeys(row[1] for row in self.rows if row[1] not in ("", NO_FOCAL))
        return {name: self.into.new_id() for name in names}

    def variables(self) -> dict[str, Any]:
        """Values of independent variables by our ids; empty ones are left out."""
        values = self.observation.get("independent_variables")
        found: dict[str, Any] = {}
        for label, value in (values if isinstance(values, dict) else {}).items():
            known, words = self.project.variables.get(str(label)), str(value).strip()
            if known is None or not words:
                continue
            if known.kind is VariableKind.NUMBER:
                found[known.variable] = number_or_words(words)
            else:
                found[known.variable] = known.options.get(words, words)
        return found

    def media_ms(self) -> int:
        """How long the media of the first player last together: the session goes on after the last event."""
        files, info = self.observation.get("file"), self.observation.get("media_info")
        lengths = info.get("length") if isinstance(info, dict) else None
        first = files.get("1") if isinstance(files, dict) else None
        if not isinstance(lengths, dict) or not isinstance(first, list):
            return 0
        known = [lengths.get(file) for file in first if isinstance(file, str)]
        return sum(
            milliseconds(each) for each in known if isinstance(each, int | float) and not isinstance(each, bool)
        )

    def add(self, kind: str, at: int, **more: Any) -> dict[str, Any]:
        """One event, with clocks that agree with its session time."""
        event = {
            "id": self.into.new_id(),
            "seq": len(self.events) + 1,
            "at": at,
            "mono": at,
            "wall": self.started + at,
            "offset": self.into.offset,
            "zone": self.into.zone,
            "boot": self.boot,
            "kind": kind,
            **{name: value for name, value in more.items() if value not in (None, {})},
        }
        self.events.append(event)
        return event

    def recorded(self) -> None:
        """Each row as a point, a start or a stop. A state that is still open is left open: the end closes it."""
        running: dict[tuple[str, str, str], dict[str, Any]] = {}
        for index, (seconds, subject, name, modifiers, comment) in enumerate(self.rows):
            behaviour = self.project.behaviours[name]
            subject = "" if subject == NO_FOCAL else subject
            at = max(0, milliseconds(seconds) - self.origin_ms)
            key = (subject, name, modifiers)
            who = self.subject_ids.get(subject)
            if not behaviour.is_state:
                event = self.add(
                    "point", at, code=behaviour.code, subject=who, modifiers=self.values(behaviour, modifiers)
                )
            elif key in running:
                at = self.touching(index, at, subject, behaviour)
                event = self.add("stop", at, code=behaviour.code, subject=who, ref=running.pop(key)["id"])
            else:
                self.overlap(running, subject, name)
                event = self.add(
                    "start", at, code=behaviour.code, subject=who, modifiers=self.values(behaviour, modifiers)
                )
                running[key] = event
            if comment.strip():
                self.add("note", at, text=comment[:5_000], ref=event["id"])
            self.kept_words(behaviour, modifiers, event)
        for subject, name, _ in running:
            self.findings.append(UNPAIRED.at(self.path, code=name, who=of(subject), name=self.name))

    def touching(self, index: int, at: int, subject: str, behaviour: Behaviour) -> int:
        """BORIS ends an excluded state 1 ms before the one that ends it; here the two touch."""
        for seconds, other, name, _, _ in self.rows[index + 1 : index + 3]:
            follows = milliseconds(seconds) - self.origin_ms == at + 1 and other == subject
            after = self.project.behaviours[name]
            if follows and after.is_state and after.stream == behaviour.stream and after.code != behaviour.code:
                return at + 1
        return at

    def overlap(self, running: Mapping[tuple[str, str, str], Any], subject: str, name: str) -> None:
        """BORIS lets a code run twice with different modifiers."""
        if any(key[:2] == (subject, name) for key in running):
            self.findings.append(OVERLAP.at(self.path, code=name, who=of(subject), name=self.name))

    def values(self, behaviour: Behaviour, words: str) -> dict[str, Any]:
        """The modifiers of a row by our ids."""
        return {modifier.modifier: value for modifier, value, known in self.parts(behaviour, words) if known}

    def parts(self, behaviour: Behaviour, words: str) -> Iterator[tuple[ModifierSet, Any, bool]]:
        """Each set of modifiers with its value in a row: sets are divided by “|”, several values by “,”."""
        for modifier, part in zip(behaviour.sets, words.split("|"), strict=False):
            part = part.strip()
            if part in ("", "None"):
                continue
            if modifier.kind is ModifierKind.NUMBER:
                value = number_or_words(part)
                yield modifier, value, not isinstance(value, str)
            elif modifier.kind is ModifierKind.SEVERAL_OF:
                chosen = [modifier.options.get(each.strip(), "") for each in part.split(",")]
                yield modifier, chosen if all(chosen) else part, all(chosen)
            elif modifier.kind is ModifierKind.TEXT:
                yield modifier, part, True
            else:
                yield modifier, modifier.options.get(part, part), part in modifier.options

    def kept_words(self, behaviour: Behaviour, words: str, event: Mapping[str, Any]) -> None:
        """Values of modifiers that the ethogram does not know are kept in a note and told."""
        unknown = [str(value) for _, value, known in self.parts(behaviour, words) if not known]
        unknown += [
            part.strip() for part in words.split("|")[len(behaviour.sets) :] if part.strip() not in ("", "None")
        ]
        for value in unknown:
            self.findings.append(UNKNOWN_VALUE.at(self.path, value=value[:60], code=behaviour.code))
            self.add("note", event["at"], text=f"Modifier in BORIS: {value[:200]}", ref=event["id"])


def milliseconds(seconds: float) -> int:
    """BORIS quantises to a thousandth of a second when it loads a file; so do we."""
    return round(seconds * 1000)


def number_or_words(words: str) -> float | int | str:
    """A number where the words are one."""
    try:
        value = float(words.replace(",", "."))
    except ValueError:
        return words
    if value != value or abs(value) > 2**53:
        return words
    return int(value) if value == int(value) else value


def of(subject: str) -> str:
    """“ of subject1” in a sentence, or nothing where there is no subject."""
    return f" of “{subject}”" if subject else ""
