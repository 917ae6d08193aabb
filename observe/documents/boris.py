"""Sessions as BORIS projects: one project for each framework version, each session a live observation.

BORIS pairs states by subject, behaviour and modifiers; what would upset that pairing is left out and said in words.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from frameworks.convert.boris import FORBIDDEN, boris_names, modifier_set, to_project
from frameworks.model import CodeType, Framework, Modifier, ModifierKind
from observe.core.coding.record import Bout, Point
from observe.core.tidy import Source
from observe.documents.naming import called, local_start, observation, pseudonyms
from observe.documents.package import Provenance, Study
from observe.documents.spool import storable, zipped

Line = tuple[int, int, list[Any]]
"""when, whether it ends something (0) or begins something (1), and the row"""


@dataclass(slots=True)
class Project:
    """The observations of one framework version, and what of them BORIS cannot hold."""

    framework: Framework
    stem: str
    observations: dict[str, Any] = field(default_factory=dict)
    subjects: dict[str, None] = field(default_factory=dict)
    left_out: dict[str, int] = field(default_factory=dict)

    def miss(self, what: str, count: int = 1) -> None:
        if count:
            self.left_out[what] = self.left_out.get(what, 0) + count


def add(project: Project, source: Source, names: Mapping[str, str]) -> None:
    """One session as an observation."""
    timeline, framework = source.timeline, project.framework
    behaviours = boris_names(framework)
    comments: dict[str, list[str]] = {}
    for note in timeline.notes:
        comments.setdefault(note.about or "", []).append(storable(note.text))
    lines: list[Line] = []
    codes = {code.id: code for _, code in framework.codes()}
    busy: dict[tuple[str, str, str], int] = {}
    for bout in sorted(timeline.bouts, key=lambda one: (one.start, one.end)):
        code = codes.get(bout.code)
        if code is None or code.type is not CodeType.STATE:
            project.miss("bouts of codes that the framework does not have as states")
            continue
        key = (called(names, bout.subject), behaviours[bout.code], words(framework, bout))
        if bout.start < busy.get(key, 0):
            project.miss("bouts that run beside one of the same subject, behaviour and modifiers")
            continue
        busy[key] = bout.end
        comment = " / ".join(comments.pop(bout.event, []))
        lines += [(bout.start, 1, row(bout.start, key, comment)), (bout.end, 0, row(bout.end, key, ""))]
    for point in timeline.points:
        code = codes.get(point.code)
        if code is None or code.type is not CodeType.POINT:
            project.miss("points of codes that the framework does not have as points")
            continue
        key = (called(names, point.subject), behaviours[point.code], words(framework, point))
        lines.append((point.at, 1, row(point.at, key, " / ".join(comments.pop(point.event, [])))))
    tally(project, source, sum(map(len, comments.values())))
    rows = [line for _, _, line in sorted(lines, key=lambda one: one[:2])]
    project.subjects |= dict.fromkeys(line[1] for line in rows if line[1])
    project.observations[observation(source)] = described(source, rows)


def row(at: int, key: tuple[str, str, str], comment: str) -> list[Any]:
    return [at / 1000, *key, comment]


def tally(project: Project, source: Source, notes: int) -> None:
    """What a session holds that has no place in BORIS."""
    timeline = source.timeline
    project.miss("notes that are about no event in the project", notes)
    project.miss("intervals, ticked or not", len(timeline.intervals))
    project.miss("samples", len(timeline.scans))
    project.miss("ratings", len(timeline.ratings))
    project.miss("links between events", len(timeline.links))
    project.miss(
        "targets",
        sum(map(bool, [*(one.target for one in timeline.bouts), *(one.target for one in timeline.points)])),
    )


def described(source: Source, rows: list[list[Any]]) -> dict[str, Any]:
    """An observation as BORIS holds a live one. Its clock is the wall clock where it was recorded."""
    return {
        "type": "LIVE",
        "date": local_start(source).isoformat(timespec="milliseconds"),
        "description": "",
        "time offset": 0.0,
        "file": {},
        "events": rows,
        "observation time interval": [0, 0],
        "independent_variables": variables(source),
        "visualize_spectrogram": False,
        "visualize_waveform": False,
        "media_creation_date_as_offset": False,
        "close_behaviors_between_videos": False,
        "scan_sampling_time": 0,
        "start_from_current_time": False,
        "start_from_current_epoch_time": False,
    }


def variables(source: Source) -> dict[str, str]:
    """Values of variables by label, as words; BORIS holds only words."""
    given = json.loads(source.header).get("variables") or {}
    found = {}
    for one in source.framework.variables:
        value = given.get(one.id)
        if value is not None and not isinstance(value, dict | list):
            options = {option.id: str(option.label).replace(",", " ") for option in one.options}
            found[str(one.label)] = options.get(str(value), str(value))
    return found


def words(framework: Framework, one: Bout | Point) -> str:
    """The modifiers of a row: a place for each set of the behaviour, divided by “|”."""
    code = next(each for _, each in framework.codes() if each.id == one.code)
    modifiers = {each.id: each for each in framework.modifiers}
    values: Mapping[str, Any] = dict(one.modifiers)
    return "|".join(value_words(modifiers[each], values.get(each)) for each in code.modifiers if each in modifiers)


def value_words(modifier: Modifier, value: Any) -> str:
    """A value as BORIS writes it; none given is “None”."""
    if value is None:
        return "None"
    labels = dict(zip((option.id for option in modifier.options), modifier_set(modifier)["values"], strict=True))
    several = list(value) if isinstance(value, list | tuple) else [value]
    if modifier.kind is ModifierKind.NUMBER:
        return str(value)
    return ",".join(labels.get(str(each)) or FORBIDDEN.sub(" ", str(each)).strip() or "None" for each in several)


def projects(study: Study, sources: Iterable[Source]) -> dict[str, Project]:
    """A project for each framework version."""
    names = {subject: storable(name).strip() for subject, name in pseudonyms(study).items()}
    found: dict[str, Project] = {}
    for source in sources:
        stem = f"{source.framework.slug}-v{source.framework_number}"
        add(found.setdefault(source.framework_hash, Project(source.framework, stem)), source, names)
    return found


def pieces(study: Study, sources: Iterable[Source], provenance: Provenance) -> Iterator[bytes]:
    """A zip with a .boris file for each framework version, and README.txt."""

    def files() -> Iterator[tuple[str, bytes]]:
        made = projects(study, sources)
        for project in made.values():
            date = provenance.made.replace(tzinfo=None).isoformat(timespec="seconds")
            document = to_project(
                project.framework, date=date, subjects=project.subjects, observations=project.observations
            )
            yield f"{project.stem}.boris", json.dumps(document, ensure_ascii=False).encode()
        yield "README.txt", readme(made.values()).encode()

    return zipped(files(), provenance.made)


def readme(made: Iterable[Project]) -> str:
    """What is in the projects, and what is not."""
    lines = [
        "BORIS projects, one for each framework version. Open them in BORIS 7 or later (File, Open project).",
        "Each session is a live observation; times are seconds from its start, to the millisecond.",
        "A bout that a pause or time out of view split is several bouts. A comment at a start is a note about that event.",
        "",
    ]
    for project in made:
        lines.append(f"{project.stem}.boris: {len(project.observations)} observations")
        lines += [f"  left out: {count} {what}" for what, count in sorted(project.left_out.items())]
    return "\r\n".join(lines) + "\r\n"
