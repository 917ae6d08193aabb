"""BORIS project files (.boris, .boris.gz): the ethogram as a framework, and a framework as a project.

Made from the format alone. Converters (Python source inside the file) are never run, only named.
"""

from __future__ import annotations

import gzip
import io
import json
import re
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from frameworks.convert.documents import MAX_BYTES, Refused, read_json, text_in
from frameworks.convert.documents import TOO_BIG as FILE_TOO_BIG
from frameworks.convert.names import id_from, slug_from, storable
from frameworks.findings import Finding, error, hint, pointer, warning
from frameworks.model import (
    SCHEMA,
    CodeType,
    Framework,
    Modifier,
    ModifierKind,
    SamplingKind,
    Variable,
    VariableKind,
)
from frameworks.schema import dump, load

NOT_PROJECT = error(
    "boris.not-a-project",
    "The file is not a BORIS project: {why}.",
    "Choose a file that BORIS saved, ending in .boris or .boris.gz.",
)
NOT_GZIP = error("boris.not-gzip", "The file is not a whole gzip file.", "Copy it again from where it was made.")
MALFORMED = warning(
    "boris.malformed",
    "“{what}” in the project is not what BORIS writes, and was left out.",
    "Look at it in BORIS, save again, and import again.",
)
KEY_SHARED = hint(
    "boris.key-shared",
    "Several behaviours share the key “{key}”; only “{first}” keeps it.",
    "Give the others keys of their own.",
)
EXCLUSION_PARTLY = warning(
    "boris.exclusion-partly",
    "“{code}” excludes some behaviours but not as one group in which each excludes all others, so the exclusions were left out.",
    "Divide these behaviours into streams in which only one code runs at a time.",
)
POINT_EXCLUDES = warning(
    "boris.point-excludes",
    "The point “{code}” ends states in BORIS; here a point ends nothing.",
    "Make it a state of the same exclusive stream if it should.",
)
CODING_MAP = warning(
    "boris.coding-map",
    "“{code}” is coded on a picture (coding map) in BORIS; the picture was left out.",
    "Use a modifier for the places on the picture.",
)
EXTERNAL = warning(
    "boris.external-modifier",
    "The modifier “{name}” takes its values from a data file; here it is typed in.",
    "Type the value, or add options.",
)
SHORTCUT_MIXED = warning(
    "boris.shortcut-ambiguous",
    "Options of “{name}” differ only in what stands in brackets, which BORIS takes for a shortcut key and drops; they were kept as they are.",
    "Check the recorded values: BORIS may have stored all of them alike.",
)
CONVERTERS = hint(
    "boris.converters",
    "The project holds {count} converters (program code); they were neither run nor kept.",
    "Convert external data before importing it.",
)
NOT_CARRIED = hint(
    "boris.not-carried",
    "{what} has no place here and was left out: {value}.",
    "Put it into the definition or a note if it matters.",
)
ORPHAN_CODE = warning(
    "boris.undefined-behaviour",
    "“{code}” was recorded in {count} events but is not in the ethogram; it was added as a point without a definition.",
    "Define it, or correct the events.",
)
EDITED = warning(
    "boris.edited",
    "The project was exported from here and then changed in BORIS; what BORIS cannot hold (constructs, ratings, sampling) is not in this import.",
    "Compare it with the version that was exported.",
)
RATING_LOST = warning(
    "boris.rating-left-out",
    "BORIS has no ratings, so “{id}” is not in its ethogram.",
    "Keep the framework document beside the project.",
)
SAMPLING_LOST = warning(
    "boris.sampling-left-out",
    "“{stream}” is sampled by {kind}; in BORIS its codes are plain events.",
    "Keep the framework document beside the project.",
)

OURS = "x_observe"
"""The one key of ours at the top of a project: BORIS keeps unknown keys there, and only there."""
FORBIDDEN = re.compile(r"[(|),\\`~]")
BORIS_TYPES = {0: ModifierKind.ONE_OF, 1: ModifierKind.SEVERAL_OF, 2: ModifierKind.NUMBER, 3: ModifierKind.TEXT}


@dataclass(frozen=True, slots=True)
class ModifierSet:
    """One set of modifiers of a behaviour: the modifier it became, and its values as BORIS stores them → option ids."""

    modifier: str
    kind: ModifierKind
    options: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Behaviour:
    """What became of one behaviour of the ethogram."""

    code: str
    is_state: bool
    stream: str
    sets: tuple[ModifierSet, ...] = ()


@dataclass(frozen=True, slots=True)
class BorisVariable:
    """What became of one independent variable."""

    variable: str
    kind: VariableKind
    options: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class BorisProject:
    """A project as read: the framework, and what is needed to turn its observations into logs."""

    framework: Framework | None
    findings: tuple[Finding, ...]
    behaviours: Mapping[str, Behaviour]
    subjects: tuple[str, ...]
    variables: Mapping[str, BorisVariable]
    observations: Mapping[str, Mapping[str, Any]]


def read_project(data: bytes | str) -> BorisProject:
    """A project file with everything in it, or the findings that say why it cannot be read."""
    try:
        raw = read_json(text_in(unzipped(data)))
    except Refused as refused:
        return BorisProject(None, (refused.finding,), {}, (), {}, {})
    return project_of(raw)


def unzipped(data: bytes | str) -> bytes | str:
    """What a gzip file holds, read only as far as a file may be large; anything else as it is."""
    if isinstance(data, str) or not data.startswith(b"\x1f\x8b"):
        return data
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as stream:
            found = stream.read(MAX_BYTES + 1)
    except (OSError, EOFError, ValueError, zlib.error) as fault:
        raise Refused(NOT_GZIP.at("")) from fault
    if len(found) > MAX_BYTES:
        raise Refused(FILE_TOO_BIG.at("", found=len(found), maximum=MAX_BYTES))
    return found


def project_of(raw: object) -> BorisProject:
    """A project from its parsed JSON."""
    if not isinstance(raw, dict):
        return refused("it is not a JSON object")
    if not isinstance(raw.get("behaviors_conf"), dict):
        return refused("it has no ethogram (behaviors_conf)")
    return Reading(raw).project()


def refused(why: str) -> BorisProject:
    """Nothing is imported by halves."""
    return BorisProject(None, (NOT_PROJECT.at("", why=why),), {}, (), {}, {})


def in_number_order(value: object) -> list[Any]:
    """The values of a BORIS “list”: an object whose keys are "0", "1", …, perhaps with gaps; or a real list."""
    if isinstance(value, list):
        return value
    if not isinstance(value, dict):
        return []
    return [
        value[key]
        for key in sorted(
            value, key=lambda key: (not str(key).isdigit(), int(key) if str(key).isdigit() else 0, str(key))
        )
    ]


def field(of: object, name: str) -> str:
    """A field of a BORIS object as storable words; absent and null are empty."""
    value = of.get(name) if isinstance(of, dict) else None
    return "" if value is None else storable(value)


class Reading:
    """One project on its way in; ids that are taken and findings are kept here."""

    def __init__(self, raw: dict[str, Any]) -> None:
        self.raw = raw
        self.findings: list[Finding] = []
        self.taken: set[str] = set()
        self.modifiers: dict[tuple[Any, ...], tuple[dict[str, Any], ModifierSet]] = {}
        self.modifier_ids: set[str] = set()
        observations = raw.get("observations")
        self.observations = {
            str(name): each
            for name, each in (observations if isinstance(observations, dict) else {}).items()
            if isinstance(each, dict)
        }

    def project(self) -> BorisProject:
        """The framework and everything beside it."""
        behaviours = self.ethogram()
        codes = {each["name"]: self.code(each) for each in behaviours}
        streams = self.streams(behaviours, codes)
        subjects = tuple(
            dict.fromkeys(
                filter(None, (subject_name(each) for each in in_number_order(self.raw.get("subjects_conf"))))
            )
        )
        variables = self.variables()
        self.left_out()
        document = {
            "schema": SCHEMA,
            "slug": slug_from(field(self.raw, "project_name"), "boris-project"),
            "title": field(self.raw, "project_name") or "BORIS project",
            "purpose": field(self.raw, "project_description"),
            "source": {"note": "Imported from a BORIS project."},
            "actors": [{"id": "subject", "label": "Subject"}] if subjects else [],
            "modifiers": [modifier for modifier, _ in self.modifiers.values()],
            "streams": streams,
            "variables": [document for document, _ in variables.values()],
        }
        loaded = load(document)
        embedded = self.embedded(loaded.framework)
        findings = (*loaded.findings, *self.findings)
        if embedded is not None:
            return read_off(embedded, subjects, self.observations, findings)
        homes = {code["id"]: stream["id"] for stream in streams for code in stream["codes"]}
        read = {
            name: Behaviour(code["id"], code["type"] == "state", homes[code["id"]], sets)
            for name, (code, sets) in codes.items()
        }
        kept = {name: variable for name, (_, variable) in variables.items()}
        return BorisProject(loaded.framework, findings, read, subjects, kept, self.observations)

    def embedded(self, imported: Framework | None) -> Framework | None:
        """Our own document inside a project that we exported, if the ethogram is still the one that we wrote."""
        ours = self.raw.get(OURS)
        if imported is None or not isinstance(ours, dict) or ours.get("framework") is None:
            return None
        framework = load(ours["framework"]).framework
        if framework is None:
            return None
        if ethogram_of(framework) != self.raw.get("behaviors_conf"):
            self.findings.append(EDITED.at(""))
            return None
        return framework

    def ethogram(self) -> list[dict[str, Any]]:
        """The behaviours as read, and after them those that were recorded without being defined."""
        found: dict[str, dict[str, Any]] = {}
        for each in in_number_order(self.raw.get("behaviors_conf")):
            name = str(each.get("code") or "") if isinstance(each, dict) else ""
            if not name or name in found:
                self.findings.append(MALFORMED.at("/behaviors_conf", what=name or "a behaviour without a code"))
                continue
            found[name] = {"name": name, "raw": each, "is_state": "STATE" in field(each, "type").upper()}
        orphans: dict[str, int] = {}
        for observation in self.observations.values():
            for row in rows_of(observation):
                if row[2] not in found:
                    orphans[row[2]] = orphans.get(row[2], 0) + 1
        for name, count in orphans.items():
            self.findings.append(ORPHAN_CODE.at("/behaviors_conf", code=name, count=count))
            found[name] = {"name": name, "raw": {}, "is_state": False}
        self.first_keys(found.values())
        return list(found.values())

    def first_keys(self, behaviours: Iterable[dict[str, Any]]) -> None:
        """The first behaviour with a key keeps it; BORIS would ask which one is meant."""
        first: dict[str, str] = {}
        for each in behaviours:
            key = field(each["raw"], "key")
            legal = len(key) == 1 or re.fullmatch(r"F([1-9]|1[0-2])", key)
            each["key"] = key if legal and key not in first else ""
            if legal and key in first:
                self.findings.append(KEY_SHARED.at("/behaviors_conf", key=key, first=first[key]))
            first.setdefault(key, each["name"])

    def code(self, behaviour: dict[str, Any]) -> tuple[dict[str, Any], tuple[ModifierSet, ...]]:
        """A code of the document, and the sets of modifiers by which its events are read."""
        raw, name = behaviour["raw"], behaviour["name"]
        if "CODING MAP" in field(raw, "type").upper():
            self.findings.append(CODING_MAP.at("/behaviors_conf", code=name))
        sets = tuple(self.modifier_sets(raw.get("modifiers"), behaviour["is_state"]))
        colour = field(raw, "color")
        code = {
            "id": id_from(name, self.taken, "code"),
            "label": storable(name) or "code",
            "type": "state" if behaviour["is_state"] else "point",
            "definition": field(raw, "description"),
            "group": field(raw, "category")[:200],
            "key": behaviour["key"],
            "colour": colour if re.fullmatch(r"#[0-9a-fA-F]{6}", colour) else "",
            "modifiers": list(dict.fromkeys(each.modifier for each in sets)),
        }
        return code, sets

    def modifier_sets(self, raw: object, is_state: bool) -> Iterator[ModifierSet]:
        """Sets of modifiers: an object of sets, or the string of old files (sets by “|”, values by “,”), or nothing."""
        if isinstance(raw, str):
            raw = [{"name": "", "type": 0, "values": part.split(",")} for part in raw.split("|") if part.strip()]
        for place, each in enumerate(in_number_order(raw)):
            if not isinstance(each, dict):
                self.findings.append(MALFORMED.at("/behaviors_conf", what="a set of modifiers"))
                continue
            yield self.modifier_set(each, place, is_state)

    def modifier_set(self, raw: dict[str, Any], place: int, is_state: bool) -> ModifierSet:
        """One set; behaviours whose sets are the same share one modifier."""
        number = raw.get("type", 0)
        kind = BORIS_TYPES.get(int(number) if str(number).isdigit() else 0, ModifierKind.ONE_OF)
        values = tuple(str(value) for value in in_number_order(raw.get("values")) if str(value).strip())
        at_stop = bool(raw.get("ask at stop")) and is_state
        name = field(raw, "name") or f"Modifier {place + 1}"
        if kind in (ModifierKind.ONE_OF, ModifierKind.SEVERAL_OF) and not values:
            kind = ModifierKind.TEXT
        key = (name, kind, values, at_stop)
        if key not in self.modifiers:
            self.modifiers[key] = self.new_modifier(name, kind, values, at_stop)
            if number == 3:
                self.findings.append(EXTERNAL.at("/behaviors_conf", name=name))
            if description := field(raw, "description"):
                self.findings.append(
                    NOT_CARRIED.at("/behaviors_conf", what=f"The description of “{name}”", value=description)
                )
        return self.modifiers[key][1]

    def new_modifier(
        self, name: str, kind: ModifierKind, values: tuple[str, ...], at_stop: bool
    ) -> tuple[dict[str, Any], ModifierSet]:
        """A modifier of the document, and how its values are read in events."""
        modifier: dict[str, Any] = {
            "id": id_from(name, self.modifier_ids, "modifier"),
            "label": name,
            "kind": kind.value,
        }
        options: dict[str, str] = {}
        if kind in (ModifierKind.ONE_OF, ModifierKind.SEVERAL_OF):
            labels = self.option_labels(name, values)
            taken: set[str] = set()
            modifier["options"] = [
                {"id": id_from(label, taken, "option"), "label": storable(label)} for label in labels
            ]
            options = {
                label.strip(): option["id"] for label, option in zip(labels, modifier["options"], strict=True)
            }
        if at_stop:
            modifier["asked_at"] = "stop"
        return modifier, ModifierSet(modifier["id"], kind, options)

    def option_labels(self, name: str, values: tuple[str, ...]) -> list[str]:
        """Values without their shortcut keys, unless that would make two alike."""
        bare = [re.sub(r" +\(.*\)\s*$", "", value).strip() for value in values]
        if len(set(bare)) == len(bare):
            return bare
        self.findings.append(SHORTCUT_MIXED.at("/behaviors_conf", name=name))
        return list(dict.fromkeys(value.strip() for value in values))

    def streams(self, behaviours: list[dict[str, Any]], codes: Mapping[str, Any]) -> list[dict[str, Any]]:
        """One stream for each group of states that all exclude one another, and one for everything else."""
        groups = self.exclusive_groups(behaviours)
        placed = {name for group in groups for name in group}
        actors = ["subject"] if in_number_order(self.raw.get("subjects_conf")) else []
        streams = []
        for index, group in enumerate(groups, start=1):
            label = "One at a time" if len(groups) == 1 else f"One at a time {index}"
            held = [codes[name][0] for name in group]
            streams.append(
                {"id": f"exclusive_{index}", "label": label, "actors": actors, "exclusive": True, "codes": held}
            )
        rest = [codes[each["name"]][0] for each in behaviours if each["name"] not in placed]
        if rest or not streams:
            streams.append({"id": "behaviour", "label": "Behaviour", "actors": actors, "codes": rest})
        return streams

    def exclusive_groups(self, behaviours: list[dict[str, Any]]) -> list[list[str]]:
        """Sets of states in which each excludes all others, whichever of the two says so."""
        states = {each["name"] for each in behaviours if each["is_state"]}
        excludes: dict[str, set[str]] = {name: set() for name in states}
        for each in behaviours:
            others = {name.strip() for name in field(each["raw"], "excluded").split(",")} & states - {each["name"]}
            if others and not each["is_state"]:
                self.findings.append(POINT_EXCLUDES.at("/behaviors_conf", code=each["name"]))
                continue
            for other in others:
                excludes[each["name"]].add(other)
                excludes[other].add(each["name"])
        order = [each["name"] for each in behaviours]
        groups, done = [], set()
        for name in order:
            if name not in states or name in done or not excludes[name]:
                continue
            group = connected(name, excludes)
            done |= group
            if all(excludes[one] == group - {one} for one in group):
                groups.append([each for each in order if each in group])
            else:
                self.findings.append(EXCLUSION_PARTLY.at("/behaviors_conf", code=name))
        return groups

    def variables(self) -> dict[str, tuple[dict[str, Any], BorisVariable]]:
        """Independent variables by their label."""
        taken: set[str] = set()
        found: dict[str, tuple[dict[str, Any], BorisVariable]] = {}
        for each in in_number_order(self.raw.get("independent_variables")):
            label = field(each, "label")
            if not label or label in found:
                self.findings.append(
                    MALFORMED.at("/independent_variables", what=label or "a variable without a label")
                )
                continue
            found[label] = self.variable(each, label, taken)
        for name in self.undefined_variables(found):
            found[name] = self.variable({"type": "text"}, name, taken)
        return found

    def undefined_variables(self, known: Mapping[str, Any]) -> Iterator[str]:
        """Variables that observations have and the project does not define."""
        seen = set(known)
        for observation in self.observations.values():
            values = observation.get("independent_variables")
            for name in values if isinstance(values, dict) else ():
                if str(name).strip() and str(name) not in seen:
                    seen.add(str(name))
                    yield str(name)

    def variable(self, raw: Any, label: str, taken: set[str]) -> tuple[dict[str, Any], BorisVariable]:
        """One variable; what BORIS calls a timestamp is text here, since it may hold a time."""
        values = [
            value.strip() for value in field(raw, "possible values").split(",") if value.strip() not in ("", "NA")
        ]
        kind = {"numeric": VariableKind.NUMBER, "value from set": VariableKind.ONE_OF}.get(
            field(raw, "type"), VariableKind.TEXT
        )
        if kind is VariableKind.ONE_OF and not values:
            kind = VariableKind.TEXT
        document: dict[str, Any] = {"id": id_from(label, taken, "variable"), "label": label, "kind": kind.value}
        options: dict[str, str] = {}
        if kind is VariableKind.ONE_OF:
            ids: set[str] = set()
            document["options"] = [
                {"id": id_from(value, ids, "option"), "label": value} for value in dict.fromkeys(values)
            ]
            options = {option["label"]: option["id"] for option in document["options"]}
        for name, what in (("description", "The description"), ("default value", "The default value")):
            if value := field(raw, name):
                self.findings.append(
                    NOT_CARRIED.at("/independent_variables", what=f"{what} of the variable “{label}”", value=value)
                )
        return document, BorisVariable(document["id"], kind, options)

    def left_out(self) -> None:
        """What a project may hold that has no place in a framework."""
        converters = self.raw.get("converters")
        if isinstance(converters, dict) and converters:
            self.findings.append(CONVERTERS.at("/converters", count=len(converters)))
        if maps := self.raw.get("coding_map"):
            names = ", ".join(map(str, maps)) if isinstance(maps, dict | list) else str(maps)
            self.findings.append(NOT_CARRIED.at("/coding_map", what="Coding maps", value=names[:200]))
        for subject in in_number_order(self.raw.get("subjects_conf")):
            if description := field(subject, "description"):
                found = {"what": f"The description of the subject “{subject_name(subject)}”", "value": description}
                self.findings.append(NOT_CARRIED.at("/subjects_conf", **found))


def read_off(
    framework: Framework, subjects: tuple[str, ...], observations: Mapping[str, Any], findings: tuple[Finding, ...]
) -> BorisProject:
    """A project that came from here: names in its observations are read by the framework that is inside it."""
    names = boris_names(framework)
    modifiers = {modifier.id: modifier for modifier in framework.modifiers}
    behaviours = {}
    for stream, code in framework.codes():
        sets = tuple(set_of(modifiers[each]) for each in code.modifiers if each in modifiers)
        behaviours[names[code.id]] = Behaviour(code.id, code.type is CodeType.STATE, stream.id, sets)
    variables = {}
    for variable in framework.variables:
        options = {str(option.label).replace(",", " "): option.id for option in variable.options}
        variables[str(variable.label)] = BorisVariable(variable.id, variable.kind, options)
    return BorisProject(framework, findings, behaviours, subjects, variables, observations)


def set_of(modifier: Modifier) -> ModifierSet:
    """How the values of one of our modifiers are read in a BORIS event."""
    choices = (ModifierKind.ONE_OF, ModifierKind.ORDERED, ModifierKind.SEVERAL_OF)
    kind = modifier.kind if modifier.kind in (*choices, ModifierKind.NUMBER) else ModifierKind.TEXT
    labels = modifier_set(modifier)["values"]
    return ModifierSet(
        modifier.id, kind, {label: option.id for label, option in zip(labels, modifier.options, strict=True)}
    )


def connected(start: str, excludes: Mapping[str, set[str]]) -> set[str]:
    """Everything that is reached from one state by way of exclusions."""
    group, ahead = {start}, [start]
    while ahead:
        for other in excludes[ahead.pop()] - group:
            group.add(other)
            ahead.append(other)
    return group


def subject_name(subject: object) -> str:
    """The name of a subject, in the form of any version: an object, or [key, name]."""
    if isinstance(subject, list):
        return storable(subject[1]) if len(subject) > 1 else ""
    return field(subject, "name")


def rows_of(observation: Mapping[str, Any]) -> list[tuple[float, str, str, str, str]]:
    """The event rows that can be read, of five to seven items each, in order of time."""
    found = []
    events = observation.get("events")
    for row in events if isinstance(events, list) else ():
        if (
            not isinstance(row, list)
            or len(row) < 3
            or isinstance(row[0], bool)
            or not isinstance(row[0], int | float)
        ):
            continue
        if row[0] != row[0] or not isinstance(row[2], str) or not row[2]:
            continue
        rest = [str(item) if item is not None else "" for item in (*row[3:5], "", "")][:2]
        found.append((float(row[0]), "" if row[1] is None else str(row[1]), row[2], rest[0], rest[1]))
    return sorted(found, key=lambda row: row[0])


# --- to BORIS ----------------------------------------------------------------------------------------------------


def boris_names(framework: Framework) -> dict[str, str]:
    """The behaviour name in BORIS of each code: its label where that is legal and stands for one code only, else its id."""
    labels = {code.id: " ".join(str(code.label).split()) for _, code in framework.codes()}
    counts: dict[str, int] = {}
    for label in (*labels.values(), *labels):
        counts[label] = counts.get(label, 0) + 1
    return {
        code: label if label and not FORBIDDEN.search(label) and counts[label] == 1 + (label == code) else code
        for code, label in labels.items()
    }


def ethogram_of(framework: Framework) -> dict[str, Any]:
    """The `behaviors_conf` of a framework: every code as a behaviour, exclusive streams as exclusions."""
    names = boris_names(framework)
    modifiers = {modifier.id: modifier for modifier in framework.modifiers}
    behaviours = {}
    for place, (stream, code) in enumerate(framework.codes()):
        is_state = code.type is CodeType.STATE
        excluded = [names[each.id] for each in stream.codes if each.id != code.id and each.type is CodeType.STATE]
        exclusive = stream.exclusive and is_state and stream.sampling.kind is SamplingKind.CONTINUOUS
        behaviours[str(place)] = {
            "type": "State event" if is_state else "Point event",
            "key": code.key,
            "code": names[code.id],
            "description": str(code.definition),
            "color": code.colour,
            "category": code.group,
            "modifiers": {
                str(index): modifier_set(modifiers[each])
                for index, each in enumerate(code.modifiers)
                if each in modifiers
            },
            "excluded": ",".join(excluded) if exclusive else "",
            "coding map": "",
        }
    return behaviours


def modifier_set(modifier: Modifier) -> dict[str, Any]:
    """A modifier as a BORIS set; ordered choices are single ones, and actors are typed in."""
    numbers = {
        ModifierKind.ONE_OF: 0,
        ModifierKind.ORDERED: 0,
        ModifierKind.SEVERAL_OF: 1,
        ModifierKind.NUMBER: 2,
    }
    labels = [FORBIDDEN.sub(" ", str(option.label)).strip() or option.id for option in modifier.options]
    return {
        "name": str(modifier.label),
        "description": "",
        "type": numbers.get(modifier.kind, 0),
        "ask at stop": modifier.asked_at == "stop",
        "values": labels,
    }


def to_project(
    framework: Framework,
    *,
    date: str = "",
    subjects: Iterable[str] = (),
    observations: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """A BORIS project (version 7.0, which all BORIS programs since 2018 open) with the whole framework inside."""
    categories = list(dict.fromkeys(code.group for _, code in framework.codes() if code.group))
    return {
        "time_format": "hh:mm:ss",
        "project_date": date,
        "project_name": str(framework.title),
        "project_description": str(framework.purpose),
        "project_format_version": "7.0",
        "subjects_conf": {str(i): {"key": "", "name": name, "description": ""} for i, name in enumerate(subjects)},
        "behaviors_conf": ethogram_of(framework),
        "observations": dict(observations or {}),
        "behavioral_categories": categories,
        "behavioral_categories_config": {str(i): {"name": name, "color": ""} for i, name in enumerate(categories)},
        "independent_variables": {str(i): variable_of(each) for i, each in enumerate(framework.variables)},
        "coding_map": {},
        "behaviors_coding_map": [],
        "converters": {},
        OURS: {"framework": dump(framework)},
    }


def variable_of(variable: Variable) -> dict[str, str]:
    """A variable as BORIS holds it."""
    types = {VariableKind.NUMBER: "numeric", VariableKind.ONE_OF: "value from set", VariableKind.DATE: "timestamp"}
    return {
        "label": str(variable.label),
        "description": "",
        "type": types.get(variable.kind, "text"),
        "default value": "",
        "possible values": ",".join(str(option.label).replace(",", " ") for option in variable.options),
    }


def to_boris(framework: Framework, *, date: str = "") -> tuple[str, tuple[Finding, ...]]:
    """A project file as text, and what of the framework BORIS cannot show (it is all inside, and comes back on import)."""
    findings = [RATING_LOST.at(pointer("streams"), id=rating.id) for _, rating in framework.ratings()]
    for place, stream in enumerate(framework.streams):
        if stream.codes and stream.sampling.kind is not SamplingKind.CONTINUOUS:
            found = {"stream": stream.id, "kind": stream.sampling.kind.value}
            findings.append(SAMPLING_LOST.at(pointer("streams", place, "sampling"), **found))
    return json.dumps(to_project(framework, date=date), ensure_ascii=False, indent=1), tuple(findings)
