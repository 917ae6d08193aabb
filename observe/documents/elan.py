"""Sessions as ELAN documents (EAF 3.0): a tier for each stream and subject, to lay beside a recording.

Annotations of one tier may not overlap, so what overlaps goes on to a second tier of the same name with a number. ELAN
has no moments: a point is an annotation of one millisecond. Modifiers, targets and notes about an annotation stand in
tiers that depend on its tier. What else a document needs to come back as it was (`frameworks.convert.elan_observations`)
stands in its properties and in tiers of when nobody could watch.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from xml.etree import ElementTree as ET

from frameworks.convert import elan_observations as ours
from frameworks.convert.elan_scheme import OWN_FRAMEWORK
from frameworks.model import Modifier, ModifierKind
from frameworks.versions import canonical_json
from observe.core.coding.record import Bout, Point, Span
from observe.core.tidy import Source, told_header
from observe.documents.naming import called, file_name, observation, pseudonyms
from observe.documents.package import Provenance, Study
from observe.documents.spool import storable, zipped

XSI = "http://www.w3.org/2001/XMLSchema-instance"
SCHEMA = "http://www.mpi.nl/tools/elan/EAFv3.0.xsd"
LANGUAGE = "und"

Beneath = tuple[tuple[str, tuple[str, ...]], ...]
"""what stands beneath an annotation: linguistic type → words"""


@dataclass(frozen=True, slots=True)
class Mark:
    """One annotation: [start, end), its word, and what stands beneath it."""

    start: int
    end: int
    words: str
    beneath: Beneath = ()


@dataclass(slots=True)
class Lane:
    """One tier: a linguistic type, a subject, and annotations that do not overlap."""

    kind: str
    subject: str
    number: int
    marks: list[Mark] = field(default_factory=list)
    title: str = ""

    @property
    def name(self) -> str:
        base = self.title or self.kind
        base = f"{base}@{self.subject}" if self.subject else base
        return base if self.number == 1 else f"{base} #{self.number}"


def lanes(source: Source, names: Mapping[str, str]) -> list[Lane]:
    """Every bout, point and note on a tier, each on the first on which it overlaps nothing; then when nobody could watch."""
    timeline = source.timeline
    marks: dict[tuple[str, str], list[Mark]] = {}
    about: dict[str, list[str]] = {}
    told = {one.event for one in timeline.bouts} | {one.event for one in timeline.points}
    for note in timeline.notes:
        if note.about in told:
            about.setdefault(note.about or "", []).append(storable(note.text))
        else:
            kind = ours.OUTSIDE_WORDS if note.outside else ours.NO_WORDS
            marks.setdefault((kind, ""), []).append(Mark(note.at, note.at + 1, storable(note.text)))

    def put(one: Bout | Point, start: int, end: int) -> None:
        notes = about.pop(one.event, [])
        who = storable(called(names, one.subject))
        mark = Mark(start, end, one.code, beneath(source, names, one, notes))
        marks.setdefault((one.stream, who), []).append(mark)

    for bout in timeline.bouts:
        put(bout, bout.start, max(bout.end, bout.start + 1))
    for point in timeline.points:
        put(point, point.at, point.at + 1)
    streams = {one.id for one in source.framework.streams}
    titles = {ours.NO_WORDS: "free notes" if "notes" in streams else "notes"}
    ordered = sorted(marks, key=lambda key: key[0] not in streams)
    found = [lane for kind, who in ordered for lane in spread(kind, who, marks[kind, who], titles.get(kind, ""))]
    return [*found, *unwatched(source, names)]


def beneath(source: Source, names: Mapping[str, str], one: Bout | Point, notes: Sequence[str]) -> Beneath:
    """Modifiers by option, the target by name, and notes about the event."""
    modifiers = {modifier.id: modifier for modifier in source.framework.modifiers}
    found: list[tuple[str, tuple[str, ...]]] = []
    for id_, value in one.modifiers:
        kind = modifiers[id_].kind if id_ in modifiers else ModifierKind.TEXT
        several = value if isinstance(value, list | tuple) else (value,)
        is_actor = kind is ModifierKind.ACTOR
        words = tuple(storable(called(names, str(word)) if is_actor else str(word)) for word in several)
        found.append((ours.MODIFIER + id_, words))
    if one.target:
        found.append((ours.TARGET, (storable(called(names, one.target)),)))
    if notes:
        found.append((ours.ABOUT, tuple(notes)))
    return tuple(found)


def unwatched(source: Source, names: Mapping[str, str]) -> Iterator[Lane]:
    """Pauses, and for everyone and for each subject the time out of view; a subject has its tier also without any."""
    timeline = source.timeline
    pauses = list(timeline.pauses)
    for_all = without(without([(0, timeline.end)], timeline.observed_of(None).spans), pauses)
    yield from filled(ours.PAUSED, "", pauses)
    yield from filled(ours.OUT_OF_VIEW, "", for_all)
    for subject in timeline.subjects:
        if subject not in source.withheld:
            hidden = without([(0, timeline.end)], timeline.observed_of(subject).spans)
            own = without(without(hidden, pauses), for_all)
            yield Lane(ours.OUT_OF_VIEW, storable(called(names, subject)), 1, [Mark(a, b, "") for a, b in own])


def filled(kind: str, who: str, spans: Sequence[Span]) -> Iterator[Lane]:
    if spans:
        yield Lane(kind, who, 1, [Mark(start, end, "") for start, end in spans])


def without(spans: Sequence[Span], taken: Iterable[Span]) -> list[Span]:
    """What is left of spans, in order, when others are taken out of them."""
    left = list(spans)
    for start, end in taken:
        left = [part for a, b in left for part in ((a, min(b, start)), (max(a, end), b)) if part[0] < part[1]]
    return sorted(left)


def spread(kind: str, who: str, marks: Iterable[Mark], title: str = "") -> list[Lane]:
    """As few tiers as hold them without overlap."""
    found: list[Lane] = []
    for mark in sorted(marks, key=lambda one: (one.start, one.end, one.words)):
        free = next((lane for lane in found if lane.marks[-1].end <= mark.start), None)
        if free is None:
            free = Lane(kind, who, len(found) + 1, title=title)
            found.append(free)
        free.marks.append(mark)
    return found


class Document:
    """One .eaf on its way. Ids of annotations and time slots are counted."""

    def __init__(self, source: Source) -> None:
        self.source = source
        began = datetime.fromtimestamp(source.started / 1000, UTC).isoformat(timespec="seconds")
        ET.register_namespace("xsi", XSI)
        self.root = ET.Element("ANNOTATION_DOCUMENT", {
            "AUTHOR": storable(source.observer), "DATE": began, "FORMAT": "3.0", "VERSION": "3.0",
            f"{{{XSI}}}noNamespaceSchemaLocation": SCHEMA,
        })  # fmt: skip
        header = ET.SubElement(self.root, "HEADER", {"MEDIA_FILE": "", "TIME_UNITS": "milliseconds"})
        for name, value in properties(source).items():
            ET.SubElement(header, "PROPERTY", {"NAME": name}).text = value
        self.order = ET.SubElement(self.root, "TIME_ORDER")
        self.slots: list[int] = []
        self.annotations = 0
        self.beneath: dict[str, None] = {}

    def slot(self, at: int) -> str:
        self.slots.append(at)
        return f"ts{len(self.slots)}"

    def next_id(self) -> str:
        self.annotations += 1
        return f"a{self.annotations}"

    def tier(self, lane: Lane) -> None:
        """A tier with its annotations, and one for each kind of thing that stands beneath them."""
        who = {"PARTICIPANT": lane.subject} if lane.subject else {}
        about = {"TIER_ID": lane.name, "ANNOTATOR": storable(self.source.observer), **who}
        tier = ET.SubElement(self.root, "TIER", {**about, "LINGUISTIC_TYPE_REF": lane.kind})
        below: dict[str, list[tuple[str, Sequence[str]]]] = {}
        for mark in lane.marks:
            holder, mark_id = ET.SubElement(tier, "ANNOTATION"), self.next_id()
            slots = {"TIME_SLOT_REF1": self.slot(mark.start), "TIME_SLOT_REF2": self.slot(mark.end)}
            one = ET.SubElement(holder, "ALIGNABLE_ANNOTATION", {"ANNOTATION_ID": mark_id, **slots})
            ET.SubElement(one, "ANNOTATION_VALUE").text = mark.words
            for kind, words in mark.beneath:
                below.setdefault(kind, []).append((mark_id, words))
        for kind, some in below.items():
            name = f"{lane.name} {kind.removeprefix(ours.MODIFIER)}"
            self.child({**about, "TIER_ID": name, "LINGUISTIC_TYPE_REF": kind, "PARENT_REF": lane.name}, some)

    def child(self, about: Mapping[str, str], some: Sequence[tuple[str, Sequence[str]]]) -> None:
        """A tier that depends on another; several words beneath one annotation follow one another."""
        tier = ET.SubElement(self.root, "TIER", dict(about))
        self.beneath.setdefault(about["LINGUISTIC_TYPE_REF"])
        for mark_id, words in some:
            before: dict[str, str] = {}
            for word in words:
                place = {"ANNOTATION_ID": self.next_id(), "ANNOTATION_REF": mark_id, **before}
                one = ET.SubElement(ET.SubElement(tier, "ANNOTATION"), "REF_ANNOTATION", place)
                ET.SubElement(one, "ANNOTATION_VALUE").text = word
                before = {"PREVIOUS_ANNOTATION": place["ANNOTATION_ID"]}

    def finish(self, used: Iterable[str]) -> bytes:
        """Time slots, types, constraints and vocabularies, in the order that the schema asks for."""
        for number, at in enumerate(self.slots, 1):
            ET.SubElement(self.order, "TIME_SLOT", {"TIME_SLOT_ID": f"ts{number}", "TIME_VALUE": str(at)})
        used = list(dict.fromkeys(used))
        streams = [one for one in self.source.framework.streams if one.id in used]
        chosen = [
            one
            for one in self.source.framework.modifiers
            if one.options and ours.MODIFIER + one.id in self.beneath
        ]
        known = {one.id for one in streams} | {ours.MODIFIER + one.id for one in chosen}
        for name in used:
            self.kind(name, "true", {"CONTROLLED_VOCABULARY_REF": name} if name in known else {})
        several = {ours.MODIFIER + one.id for one in self.source.framework.modifiers if is_several(one)} | {
            ours.ABOUT
        }
        for name in self.beneath:
            constraint = "Symbolic_Subdivision" if name in several else "Symbolic_Association"
            more = {"CONTROLLED_VOCABULARY_REF": name} if name in known else {}
            self.kind(name, "false", {"CONSTRAINTS": constraint, **more})
        ET.SubElement(self.root, "LANGUAGE", {"LANG_ID": LANGUAGE, "LANG_LABEL": "undetermined"})
        for constraint, meaning in (
            ("Symbolic_Subdivision", "Annotations that refer to the same parent are ordered"),
            ("Symbolic_Association", "1-1 association with a parent annotation"),
        ):
            ET.SubElement(self.root, "CONSTRAINT", {"STEREOTYPE": constraint, "DESCRIPTION": meaning})
        for stream in streams:
            self.vocabulary(stream.id, str(stream.label), [(one.id, str(one.label)) for one in stream.codes])
        for one in chosen:
            options = [(option.id, str(option.label)) for option in one.options]
            self.vocabulary(ours.MODIFIER + one.id, str(one.label), options)
        return bytes(ET.tostring(self.root, encoding="utf-8", xml_declaration=True))

    def vocabulary(self, name: str, label: str, entries: Iterable[tuple[str, str]]) -> None:
        """Words that are chosen from: the id is what is annotated, the label what it means."""
        words = ET.SubElement(self.root, "CONTROLLED_VOCABULARY", {"CV_ID": name})
        ET.SubElement(words, "DESCRIPTION", {"LANG_REF": LANGUAGE}).text = storable(label)
        for place, (id_, meaning) in enumerate(entries, 1):
            entry = ET.SubElement(words, "CV_ENTRY_ML", {"CVE_ID": f"cve_{name.replace(' ', '_')}_{place}"})
            value = ET.SubElement(entry, "CVE_VALUE", {"LANG_REF": LANGUAGE, "DESCRIPTION": storable(meaning)})
            value.text = id_

    def kind(self, name: str, alignable: str, more: Mapping[str, str]) -> None:
        ET.SubElement(self.root, "LINGUISTIC_TYPE", {
            "LINGUISTIC_TYPE_ID": name, "TIME_ALIGNABLE": alignable, "GRAPHIC_REFERENCES": "false", **more,
        })  # fmt: skip


def is_several(modifier: Modifier) -> bool:
    return modifier.kind is ModifierKind.SEVERAL_OF


def properties(source: Source) -> dict[str, str]:
    """What ELAN has no place for and keeps: whose session it is, when it was, and the framework itself."""
    header = json.loads(told_header(source))
    found = {
        "session": source.session, "framework": source.framework_hash, "version": str(source.framework_number), OWN_FRAMEWORK: canonical_json(source.framework),
        "started": str(source.started), "offset": str(source.offset), "zone": source.zone, "end": str(source.timeline.end),
        "purpose": source.purpose, "happening": source.happening or "", "consent": source.consent or "",
        "variables": json.dumps(header.get("variables") or {}, ensure_ascii=False, sort_keys=True),
    }  # fmt: skip
    return {name: storable(value) for name, value in found.items() if value}


def document(source: Source, names: Mapping[str, str]) -> bytes:
    """One session as an .eaf file."""
    made, tiers = Document(source), lanes(source, names)
    for lane in tiers:
        made.tier(lane)
    return made.finish(lane.kind for lane in tiers)


def pieces(study: Study, sources: Iterable[Source], provenance: Provenance) -> Iterator[bytes]:
    """A zip of .eaf files, one a session."""
    names = pseudonyms(study)

    def files() -> Iterator[tuple[str, bytes]]:
        for source in sources:
            yield f"{file_name(observation(source))}.eaf", document(source, names)

    return zipped(files(), provenance.made)
