"""ELAN documents (.eaf) as read: tiers, their annotations in time, and the vocabularies they are taken from.

Made from the published schema (EAF 2 and 3). A document type or an entity is refused before anything is expanded.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from xml.etree import ElementTree as ET
from xml.parsers import expat

from frameworks.convert.names import storable
from frameworks.findings import Finding, error, hint, pointer, warning
from frameworks.shape import MAX_MS

TOO_BIG = error(
    "elan.too-big", "The file has {found:,} bytes; {maximum:,} are the most.", "Divide it by recordings in ELAN."
)
TOO_MANY = error(
    "elan.too-many-parts",
    "The file has more than {maximum:,} elements, or they are nested more than {depth} deep.",
    "Divide it by recordings in ELAN.",
)
NOT_XML = error(
    "elan.not-xml", "The file is not XML: {why}, line {line}.", "Open it in ELAN, and save it from there."
)
ENTITIES = error(
    "elan.entities",
    "The file declares a document type or entities, line {line}, which ELAN never writes.",
    "Open it in ELAN, and save it from there.",
)
NOT_EAF = error(
    "elan.not-a-document",
    "The file is not an ELAN document: {why}.",
    "Take the .eaf file, and neither the .pfsx beside it nor a template.",
)
VERSION = error(
    "elan.version",
    "The document is of version {version} of the format; 2 and 3 can be read.",
    "Open it in a present ELAN, and save it from there.",
)
UNITS = error(
    "elan.units", "The document counts time in “{units}”, which is not known.", "Save it from a present ELAN."
)
BROKEN = error(
    "elan.broken-reference",
    "{what} “{name}” names “{missing}”, which is not in the document.",
    "Open the document in ELAN, repair it, and save it from there.",
)
TWICE = error(
    "elan.id-twice", "{what} “{name}” stands twice in the document.", "Repair it in ELAN, and save it from there."
)
BAD_TIME = error("elan.bad-time", "The time of “{name}” is “{value}”, which is no moment.", "Repair it in ELAN.")
REVERSED = error("elan.reversed", "Annotation “{name}” on “{tier}” ends before it begins.", "Repair it in ELAN.")
UNPLACED = error(
    "elan.unplaced",
    "Annotation “{name}” on “{tier}” has no time, and nothing around it has one.",
    "Align it in ELAN.",
)
INTERPOLATED = warning(
    "elan.interpolated",
    "{count} annotations on “{tier}” have a beginning or an end that nobody set; they divide the time around them evenly, as ELAN draws them.",
    "Align them in ELAN if their times matter.",
)
LINKED = hint(
    "elan.linked-files",
    "The document refers to other files ({what}); they were not looked at.",
    "Nothing, unless codes are missing: then save the vocabulary inside the document.",
)

MAX_BYTES = 32_000_000
MAX_PARTS = 500_000
MAX_TIERS = 2_000
MAX_DEPTH = 32
FRAME_MS = {"milliseconds": 1.0, "pal-frames": 40.0, "ntsc-frames": 1001 / 30, "pal-50-frames": 20.0}
DEPENDENT = ("Symbolic_Association", "Symbolic_Subdivision")


@dataclass(frozen=True, slots=True)
class Mark:
    """An annotation with a time of its own. `entry` is the id of the vocabulary's entry, where the document says it."""

    id: str
    start: int
    end: int
    value: str
    entry: str = ""


@dataclass(frozen=True, slots=True)
class Remark:
    """An annotation of an annotation: `about` is the one in time at the end of that chain."""

    id: str
    about: str
    value: str
    entry: str = ""


@dataclass(frozen=True, slots=True)
class Tier:
    """One tier. `kind` is its linguistic type; `remarks` are there where it depends on another tier, else `marks`."""

    id: str
    kind: str
    participant: str
    annotator: str
    parent: str
    marks: tuple[Mark, ...] = ()
    remarks: tuple[Remark, ...] = ()
    is_dependent: bool = False


@dataclass(frozen=True, slots=True)
class Kind:
    """A linguistic type."""

    id: str
    constraint: str
    vocabulary: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a vocabulary: its words and what they mean, by language."""

    id: str
    words: Mapping[str, str]
    meanings: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ElanDocument:
    """A document as it can be used. `origin_ms` is where in its recording its time begins."""

    name: str
    author: str
    date: str
    media: str
    origin_ms: int
    end_ms: int
    properties: Mapping[str, str]
    tiers: tuple[Tier, ...]
    kinds: Mapping[str, Kind]
    vocabularies: Mapping[str, tuple[Entry, ...]]


@dataclass(frozen=True, slots=True)
class Opened:
    """A document, or None and the findings that say why there is none."""

    document: ElanDocument | None
    findings: tuple[Finding, ...]


class _Refused(Exception):
    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.sentence)
        self.finding = finding


def looks_like_elan(data: bytes) -> bool:
    """Whether a file is XML, and so nothing else than ELAN's among the formats that are read here."""
    start = data[:200].replace(b"\x00", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    return start.startswith((b"<?xml", b"<ANNOTATION_DOCUMENT", b"<!DOCTYPE"))


def read_document(name: str, data: bytes) -> Opened:
    """An .eaf file, or everything that is wrong with it. Nothing is read by halves."""
    reading = _Reading(name)
    try:
        document = reading.document(tree_of(data))
    except _Refused as refused:
        return Opened(None, (*reading.findings, refused.finding))
    if any(found.severity == "error" for found in reading.findings):
        return Opened(None, tuple(reading.findings))
    return Opened(document, tuple(reading.findings))


def tree_of(data: bytes) -> ET.Element:
    """The elements of the file. Bounded: in bytes, in number and in depth."""
    if len(data) > MAX_BYTES:
        raise _Refused(TOO_BIG.at("", found=len(data), maximum=MAX_BYTES))
    builder, parser = ET.TreeBuilder(), expat.ParserCreate()
    parser.buffer_text = True
    count = depth = 0

    def begin(tag: str, attributes: dict[str, str]) -> None:
        nonlocal count, depth
        count, depth = count + 1, depth + 1
        if count > MAX_PARTS or depth > MAX_DEPTH:
            raise _Refused(TOO_MANY.at("", maximum=MAX_PARTS, depth=MAX_DEPTH))
        builder.start(tag, attributes)

    def finish(tag: str) -> None:
        nonlocal depth
        depth -= 1
        builder.end(tag)

    def refuse(*_: object) -> None:
        raise _Refused(ENTITIES.at("", line=parser.CurrentLineNumber))

    parser.StartElementHandler, parser.EndElementHandler = begin, finish
    parser.CharacterDataHandler = builder.data
    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = refuse
    parser.ExternalEntityRefHandler = refuse  # type: ignore[assignment]
    try:
        parser.Parse(data, True)
        return builder.close()
    except expat.ExpatError as fault:
        why = expat.errors.messages.get(fault.code, "it cannot be read")
        raise _Refused(NOT_XML.at("", why=why, line=fault.lineno)) from fault
    except (ValueError, LookupError, AssertionError) as fault:
        raise _Refused(NOT_XML.at("", why="it cannot be read", line=parser.CurrentLineNumber)) from fault


@dataclass(slots=True)
class _Raw:
    """An annotation as it stands in the file."""

    id: str
    value: str
    entry: str
    slots: tuple[str, str] | None
    about: str
    previous: str


@dataclass(slots=True)
class _Reading:
    """One document on its way in."""

    name: str
    findings: list[Finding] = field(default_factory=list)
    slots: dict[str, int | None] = field(default_factory=dict)
    order: list[str] = field(default_factory=list)
    place: dict[str, int] = field(default_factory=dict)
    raws: dict[str, list[_Raw]] = field(default_factory=dict)
    by_id: dict[str, _Raw] = field(default_factory=dict)

    def document(self, root: ET.Element) -> ElanDocument:
        if root.tag != "ANNOTATION_DOCUMENT":
            raise _Refused(NOT_EAF.at("", why=f"it begins with “{root.tag[:60]}”"))
        version = root.get("FORMAT") or root.get("VERSION") or "2.0"
        if version.partition(".")[0] not in ("2", "3"):
            raise _Refused(VERSION.at("", version=version[:20]))
        header = root.find("HEADER")
        header = ET.Element("HEADER") if header is None else header
        self.times(root, header.get("TIME_UNITS") or "milliseconds")
        kinds = {kind.id: kind for kind in map(kind_of, root.iter("LINGUISTIC_TYPE"))}
        elements = list(root.iter("TIER"))
        if len(elements) > MAX_TIERS:
            raise _Refused(TOO_MANY.at("/TIER", maximum=MAX_TIERS, depth=MAX_DEPTH))
        self.annotations(elements)
        self.check_tiers(elements, kinds)
        if any(found.severity == "error" for found in self.findings):
            raise _Refused(self.findings.pop())
        tiers = self.tiers(elements, kinds)
        self.linked(root)
        media = header.find("MEDIA_DESCRIPTOR")
        address = "" if media is None else media.get("MEDIA_URL") or media.get("RELATIVE_MEDIA_URL") or ""
        origin = "" if media is None else media.get("TIME_ORIGIN") or ""
        marks = [mark.end for tier in tiers for mark in tier.marks]
        return ElanDocument(
            storable(self.name), storable(root.get("AUTHOR") or ""), root.get("DATE") or "",
            storable(address.replace("\\", "/").rpartition("/")[2]), int(origin) if is_whole(origin) else 0,
            max([*marks, *(ms for ms in self.slots.values() if ms is not None)], default=0),
            {one.get("NAME") or "": one.text or "" for one in header.iter("PROPERTY")}, tuple(tiers), kinds,
            {one.get("CV_ID") or "": tuple(entries_of(one)) for one in root.iter("CONTROLLED_VOCABULARY")},
        )  # fmt: skip

    def times(self, root: ET.Element, units: str) -> None:
        """The time slots; one without a value was never aligned."""
        frame = FRAME_MS.get(units.lower().replace("_", "-"))
        if frame is None:
            raise _Refused(UNITS.at("/HEADER", units=units[:40]))
        for slot in root.iter("TIME_SLOT"):
            name, value = slot.get("TIME_SLOT_ID") or "", slot.get("TIME_VALUE")
            if name in self.slots:
                self.findings.append(TWICE.at("/TIME_ORDER", what="Time slot", name=name[:60]))
            if value is not None and not (is_whole(value) and 0 <= round(int(value) * frame) <= MAX_MS):
                self.findings.append(BAD_TIME.at("/TIME_ORDER", name=name[:60], value=value[:60]))
                value = None
            self.slots[name] = None if value is None else round(int(value) * frame)
            self.place[name] = len(self.order)
            self.order.append(name)

    def annotations(self, elements: Iterable[ET.Element]) -> None:
        """All annotations by tier and by id."""
        for tier in elements:
            mine = self.raws.setdefault(tier.get("TIER_ID") or "", [])
            for one in tier.iterfind("ANNOTATION/*"):
                if one.tag not in ("ALIGNABLE_ANNOTATION", "REF_ANNOTATION"):
                    continue
                name = one.get("ANNOTATION_ID") or ""
                slots = (one.get("TIME_SLOT_REF1") or "", one.get("TIME_SLOT_REF2") or "")
                raw = _Raw(
                    name, one.findtext("ANNOTATION_VALUE") or "", one.get("CVE_REF") or "",
                    slots if one.tag == "ALIGNABLE_ANNOTATION" else None, one.get("ANNOTATION_REF") or "",
                    one.get("PREVIOUS_ANNOTATION") or "",
                )  # fmt: skip
                if name in self.by_id:
                    self.findings.append(TWICE.at("/TIER", what="Annotation", name=name[:60]))
                self.by_id[name] = raw
                mine.append(raw)
                for slot in raw.slots or ():
                    if slot not in self.slots:
                        self.broken("Annotation", name, slot)

    def broken(self, what: str, name: str, missing: str) -> None:
        self.findings.append(BROKEN.at("/TIER", what=what, name=name[:60], missing=missing[:60]))

    def check_tiers(self, elements: Sequence[ET.Element], kinds: Mapping[str, Kind]) -> None:
        """Each tier once, of a type that is there, beneath a tier that is there and not beneath itself."""
        parents: dict[str, str] = {}
        for tier in elements:
            name, parent = tier.get("TIER_ID") or "", tier.get("PARENT_REF") or ""
            if name in parents:
                self.findings.append(TWICE.at("/TIER", what="Tier", name=name[:60]))
            parents[name] = parent
            if (kind := tier.get("LINGUISTIC_TYPE_REF") or "") not in kinds:
                self.broken("Tier", name, kind)
        for name, parent in parents.items():
            if parent and parent not in parents:
                self.broken("Tier", name, parent)
            if any(above == name for above in chain(parent, parents.get)):
                self.broken("Tier", name, f"{name} above itself")
        for raw in self.by_id.values():
            if raw.slots is None and self.root_of(raw) is None:
                self.broken("Annotation", raw.id, raw.about)

    def root_of(self, raw: _Raw) -> _Raw | None:
        """The annotation with a time that this one is about, over however many others."""
        for _ in range(len(self.raws) + 1):
            if raw.slots is not None:
                return raw
            above = self.by_id.get(raw.about)
            if above is None:
                return None
            raw = above
        return None

    def tiers(self, elements: Sequence[ET.Element], kinds: Mapping[str, Kind]) -> list[Tier]:
        """Tiers in the order of the file; times of a parent are settled before those within it."""
        by_name = {tier.get("TIER_ID") or "": tier for tier in elements}
        parents = {name: tier.get("PARENT_REF") or "" for name, tier in by_name.items()}
        depth = {name: sum(1 for _ in chain(parent, parents.get)) for name, parent in parents.items()}
        marks = {name: tuple(self.marks(name)) for name in sorted(by_name, key=lambda name: depth[name])}
        return [self.tier(by_name[name], marks[name], kinds) for name in by_name]

    def tier(self, tier: ET.Element, marks: tuple[Mark, ...], kinds: Mapping[str, Kind]) -> Tier:
        name, kind = tier.get("TIER_ID") or "", tier.get("LINGUISTIC_TYPE_REF") or ""
        remarks = tuple(
            Remark(raw.id, root.id, raw.value, raw.entry)
            for raw in in_sequence(self.raws[name])
            if raw.slots is None and (root := self.root_of(raw))
        )
        dependent = bool(remarks) or (not marks and kinds[kind].constraint in DEPENDENT)
        return Tier(
            storable(name), kind, storable(tier.get("PARTICIPANT") or ""), storable(tier.get("ANNOTATOR") or ""),
            tier.get("PARENT_REF") or "", marks, remarks, dependent,
        )  # fmt: skip

    def marks(self, tier: str) -> Iterator[Mark]:
        """The annotations of a tier that have a time, with what nobody aligned divided evenly."""
        timed = [raw for raw in self.raws[tier] if raw.slots is not None]
        guessed = sum(any(self.slots[slot] is None for slot in raw.slots or ()) for raw in timed)
        if guessed:
            self.interpolate([raw.slots for raw in timed if raw.slots])
            self.findings.append(INTERPOLATED.at(pointer("TIER", tier), count=guessed, tier=tier[:60]))
        found = []
        for raw in timed:
            assert raw.slots is not None
            start, end = self.slots[raw.slots[0]], self.slots[raw.slots[1]]
            if start is None or end is None:
                raise _Refused(UNPLACED.at(pointer("TIER", tier), name=raw.id[:60], tier=tier[:60]))
            if end < start:
                raise _Refused(REVERSED.at(pointer("TIER", tier), name=raw.id[:60], tier=tier[:60]))
            found.append(Mark(raw.id, start, end, raw.value, raw.entry))
        yield from sorted(found, key=lambda mark: (mark.start, mark.end))

    def interpolate(self, pairs: Sequence[tuple[str, str]]) -> None:
        """Give slots without a time an even share of the stretch between the nearest that have one."""
        runs: list[list[str]] = []
        for first, second in pairs:
            if runs and runs[-1][-1] == first:
                runs[-1].append(second)
            else:
                runs.append([first, second])
        for run in runs:
            times = [ms for slot in run if (ms := self.slots[slot]) is not None]
            if self.slots[run[0]] is None:
                self.slots[run[0]] = self.nearest(run[0], -1, 0, min(times, default=MAX_MS))
            if self.slots[run[-1]] is None:
                self.slots[run[-1]] = self.nearest(run[-1], 1, max(times, default=0), MAX_MS)
            known = [place for place, slot in enumerate(run) if self.slots[slot] is not None]
            for before, after in itertools.pairwise(known):
                low, high = self.slots[run[before]] or 0, self.slots[run[after]] or 0
                for place in range(before + 1, after):
                    self.slots[run[place]] = low + (high - low) * (place - before) // (after - before)

    def nearest(self, slot: str, step: int, least: int, most: int) -> int | None:
        """The nearest aligned slot before or after this one in the document's own order that is in time, too."""
        place = self.place[slot] + step
        while 0 <= place < len(self.order):
            found = self.slots[self.order[place]]
            if found is not None and least <= found <= most:
                return found
            place += step
        return None

    def linked(self, root: ET.Element) -> None:
        """Vocabularies and lexicons that stand in files of their own are named, and never fetched."""
        elsewhere = [one.get("CV_ID") or "" for one in root.iter("CONTROLLED_VOCABULARY") if one.get("EXT_REF")]
        if elsewhere:
            words = ", ".join(storable(name) for name in elsewhere)[:200]
            self.findings.append(LINKED.at("/CONTROLLED_VOCABULARY", what=f"vocabularies {words}"))


def chain(name: str, above: Callable[[str], str | None]) -> Iterator[str]:
    """A name and those above it, each once."""
    seen: set[str] = set()
    while name and name not in seen:
        seen.add(name)
        yield name
        name = above(name) or ""


def in_sequence(raws: Sequence[_Raw]) -> list[_Raw]:
    """Annotations of annotations in the order that they name themselves; what names no other stands where it stood."""
    after = {raw.previous: raw for raw in raws if raw.previous}
    known = {raw.id for raw in raws}
    found: list[_Raw] = []
    done: set[str] = set()
    for first in [raw for raw in raws if raw.previous not in known] + list(raws):
        one: _Raw | None = first
        while one is not None and one.id not in done:
            done.add(one.id)
            found.append(one)
            one = after.get(one.id)
    return found


def is_whole(words: str) -> bool:
    return words.removeprefix("-").isdecimal() and words.isascii() and len(words) < 18


def kind_of(element: ET.Element) -> Kind:
    return Kind(
        element.get("LINGUISTIC_TYPE_ID") or "", element.get("CONSTRAINTS") or "",
        element.get("CONTROLLED_VOCABULARY_REF") or "",
    )  # fmt: skip


def entries_of(vocabulary: ET.Element) -> Iterator[Entry]:
    """The entries: with several languages since EAF 2.8, with one before."""
    for place, one in enumerate(vocabulary):
        if one.tag == "CV_ENTRY_ML":
            values = [(value.get("LANG_REF") or "und", value) for value in one.iterfind("CVE_VALUE")]
            words = {lang: storable(value.text or "") for lang, value in values}
            meanings = {lang: storable(value.get("DESCRIPTION") or "") for lang, value in values}
            yield Entry(one.get("CVE_ID") or f"entry {place}", words, meanings)
        elif one.tag == "CV_ENTRY":
            yield Entry(
                f"entry {place}",
                {"und": storable(one.text or "")},
                {"und": storable(one.get("DESCRIPTION") or "")},
            )
