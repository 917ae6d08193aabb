"""Sessions as ELAN documents (EAF 3.0): a tier for each stream and subject, to lay beside a recording.

Annotations of one tier may not overlap, so what overlaps goes on to a second tier of the same name with a number. ELAN
has no moments: a point is an annotation of one millisecond. Modifiers stand in a tier that depends on the first.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from xml.etree import ElementTree as ET

from observe.core.coding.record import Values
from observe.core.tidy import Source
from observe.documents.naming import called, file_name, modifier_words, observation, pseudonyms
from observe.documents.package import Provenance, Study
from observe.documents.spool import storable, zipped

XSI = "http://www.w3.org/2001/XMLSchema-instance"
SCHEMA = "http://www.mpi.nl/tools/elan/EAFv3.0.xsd"
LANGUAGE = "und"
NOTES = "notes"


@dataclass(frozen=True, slots=True)
class Mark:
    """One annotation: [start, end), its words, and what its modifiers say."""

    start: int
    end: int
    words: str
    more: str = ""


@dataclass(slots=True)
class Lane:
    """One tier: a stream, a subject, and annotations that do not overlap."""

    stream: str
    subject: str
    number: int
    marks: list[Mark] = field(default_factory=list)

    @property
    def name(self) -> str:
        base = f"{self.stream}@{self.subject}" if self.subject else self.stream
        return base if self.number == 1 else f"{base} #{self.number}"


def lanes(source: Source, names: Mapping[str, str]) -> list[Lane]:
    """Every bout, point and note on a tier, each on the first on which it overlaps nothing."""
    framework, timeline = source.framework, source.timeline
    marks: dict[tuple[str, str], list[Mark]] = {}

    def put(
        stream: str, subject: str | None, start: int, end: int, words: str, values: Values, target: str | None
    ) -> None:
        more = [f"{label}: {value}" for label, value in modifier_words(framework, values)]
        more += [f"to: {called(names, target)}"] if target else []
        who = storable(called(names, subject))
        marks.setdefault((stream, who), []).append(Mark(start, end, storable(words), storable("; ".join(more))))

    for bout in timeline.bouts:
        put(bout.stream, bout.subject, bout.start, bout.end, bout.code, bout.modifiers, bout.target)
    for point in timeline.points:
        put(point.stream, point.subject, point.at, point.at + 1, point.code, point.modifiers, point.target)
    for note in timeline.notes:
        put(NOTES, None, note.at, note.at + 1, note.text, (), None)
    return [lane for (stream, who), some in marks.items() for lane in spread(stream, who, some)]


def spread(stream: str, who: str, marks: Iterable[Mark]) -> list[Lane]:
    """As few tiers as hold them without overlap."""
    found: list[Lane] = []
    for mark in sorted(marks, key=lambda one: (one.start, one.end, one.words)):
        free = next((lane for lane in found if lane.marks[-1].end <= mark.start), None)
        if free is None:
            free = Lane(stream, who, len(found) + 1)
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
        ET.SubElement(header, "PROPERTY", {"NAME": "session"}).text = source.session
        ET.SubElement(header, "PROPERTY", {"NAME": "framework"}).text = source.framework_hash
        self.order = ET.SubElement(self.root, "TIME_ORDER")
        self.slots: list[int] = []
        self.annotations = 0

    def slot(self, at: int) -> str:
        self.slots.append(at)
        return f"ts{len(self.slots)}"

    def next_id(self) -> str:
        self.annotations += 1
        return f"a{self.annotations}"

    def tier(self, lane: Lane) -> None:
        """A tier with its annotations, and the one of modifiers that depends on it."""
        who = {"PARTICIPANT": lane.subject} if lane.subject else {}
        about = {"TIER_ID": lane.name, "ANNOTATOR": storable(self.source.observer), **who}
        kind = NOTES if lane.stream == NOTES else lane.stream
        tier = ET.SubElement(self.root, "TIER", {**about, "LINGUISTIC_TYPE_REF": kind})
        beneath: list[tuple[str, str]] = []
        for mark in lane.marks:
            holder, mark_id = ET.SubElement(tier, "ANNOTATION"), self.next_id()
            slots = {"TIME_SLOT_REF1": self.slot(mark.start), "TIME_SLOT_REF2": self.slot(mark.end)}
            one = ET.SubElement(holder, "ALIGNABLE_ANNOTATION", {"ANNOTATION_ID": mark_id, **slots})
            ET.SubElement(one, "ANNOTATION_VALUE").text = mark.words
            beneath += [(mark_id, mark.more)] if mark.more else []
        if beneath:
            name = f"{lane.name} modifiers"
            child = ET.SubElement(self.root, "TIER", {
                **about, "TIER_ID": name, "LINGUISTIC_TYPE_REF": "modifiers", "PARENT_REF": lane.name,
            })  # fmt: skip
            for mark_id, more in beneath:
                holder = ET.SubElement(child, "ANNOTATION")
                one = ET.SubElement(
                    holder, "REF_ANNOTATION", {"ANNOTATION_ID": self.next_id(), "ANNOTATION_REF": mark_id}
                )
                ET.SubElement(one, "ANNOTATION_VALUE").text = more

    def finish(self, used: Iterable[str]) -> bytes:
        """Time slots, types, constraints and vocabularies, in the order that the schema asks for."""
        for number, at in enumerate(self.slots, 1):
            ET.SubElement(self.order, "TIME_SLOT", {"TIME_SLOT_ID": f"ts{number}", "TIME_VALUE": str(at)})
        streams = [one for one in self.source.framework.streams if one.id in used]
        for name in dict.fromkeys(used):
            known = {"CONTROLLED_VOCABULARY_REF": name} if any(one.id == name for one in streams) else {}
            self.kind(name, "true", known)
        self.kind("modifiers", "false", {"CONSTRAINTS": "Symbolic_Association"})
        ET.SubElement(self.root, "LANGUAGE", {"LANG_ID": LANGUAGE, "LANG_LABEL": "undetermined"})
        ET.SubElement(self.root, "CONSTRAINT", {
            "STEREOTYPE": "Symbolic_Association", "DESCRIPTION": "1-1 association with a parent annotation",
        })  # fmt: skip
        for stream in streams:
            words = ET.SubElement(self.root, "CONTROLLED_VOCABULARY", {"CV_ID": stream.id})
            ET.SubElement(words, "DESCRIPTION", {"LANG_REF": LANGUAGE}).text = storable(str(stream.label))
            for place, code in enumerate(stream.codes, 1):
                entry = ET.SubElement(words, "CV_ENTRY_ML", {"CVE_ID": f"cve_{stream.id}_{place}"})
                value = ET.SubElement(
                    entry, "CVE_VALUE", {"LANG_REF": LANGUAGE, "DESCRIPTION": storable(str(code.label))}
                )
                value.text = code.id
        return bytes(ET.tostring(self.root, encoding="utf-8", xml_declaration=True))

    def kind(self, name: str, alignable: str, more: Mapping[str, str]) -> None:
        ET.SubElement(self.root, "LINGUISTIC_TYPE", {
            "LINGUISTIC_TYPE_ID": name, "TIME_ALIGNABLE": alignable, "GRAPHIC_REFERENCES": "false", **more,
        })  # fmt: skip


def document(source: Source, names: Mapping[str, str]) -> bytes:
    """One session as an .eaf file."""
    made, tiers = Document(source), lanes(source, names)
    for lane in tiers:
        made.tier(lane)
    return made.finish(dict.fromkeys(lane.stream for lane in tiers))


def pieces(study: Study, sources: Iterable[Source], provenance: Provenance) -> Iterator[bytes]:
    """A zip of .eaf files, one a session."""
    names = pseudonyms(study)

    def files() -> Iterator[tuple[str, bytes]]:
        for source in sources:
            yield f"{file_name(observation(source))}.eaf", document(source, names)

    return zipped(files(), provenance.made)
