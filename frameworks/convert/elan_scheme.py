"""What ELAN documents code, as a framework: a stream for each group of tiers, a code for each word of its vocabulary.

Tiers of one linguistic type are one stream where no coder has two of them for one participant; else their names tell
them apart. Tiers that depend on an annotation become modifiers. Where a tier holds running words instead of codes, the
words become notes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from frameworks.convert.elan import ElanDocument, Entry, Mark, Remark, Tier, read_document
from frameworks.convert.names import id_from, slug_from
from frameworks.findings import Finding, error, hint, warning
from frameworks.model import SCHEMA, Framework, ModifierKind
from frameworks.schema import Loaded, load
from frameworks.shape import MAX_ITEMS

NOTHING = error(
    "elan.nothing-coded",
    "There is no tier with annotations or with a controlled vocabulary in it.",
    "Take a document in which something is coded.",
)
TOO_WIDE = error(
    "elan.too-many-codes", "The tiers have more than {maximum:,} {what}.", "Take in fewer documents at once."
)
OUTSIDE = warning(
    "elan.not-in-vocabulary",
    "“{word}” on “{tier}” ({count} times) is not in the vocabulary “{vocabulary}”; it was added as a code.",
    "Correct the annotations, or add the word to the vocabulary.",
)
EMPTY = warning(
    "elan.empty-annotations",
    "{count} annotations on “{tier}” hold no word; they are coded as “{code}”.",
    "Fill them in in ELAN if something was meant.",
)
RUNNING_WORDS = hint(
    "elan.running-words",
    "“{tier}” holds running words and not codes; each annotation is one code, and its words are a note.",
    "Give the tier a controlled vocabulary in ELAN if codes were meant.",
)
LEFT_OUT = hint(
    "elan.tiers-left-out",
    "{count} tiers hold nothing and have no vocabulary; they were left out: {names}.",
    "Nothing, if they are empty on purpose.",
)
DEFINE = warning(
    "elan.no-definitions",
    "{count} codes have no description in the vocabularies, so their definition only names the source.",
    "Write the definitions, so that two people would apply the codes alike.",
)
SEVERAL = hint(
    "elan.several-beneath",
    "“{tier}” holds several words beneath one annotation, some twice; they are kept as one text.",
    "Nothing, unless each of them is a code of its own: then give them times in ELAN.",
)

OWN_FRAMEWORK = "framework document"
"""the property in which our own documents carry their framework"""
TWO_LETTERS = {
    "eng": "en", "deu": "de", "ger": "de", "fra": "fr", "fre": "fr", "nld": "nl", "dut": "nl", "spa": "es", "ita": "it",
    "por": "pt", "cym": "cy", "wel": "cy", "swe": "sv", "dan": "da", "nor": "no", "fin": "fi", "pol": "pl", "ces": "cs",
    "rus": "ru", "jpn": "ja", "zho": "zh", "chi": "zh", "kor": "ko", "ara": "ar", "tur": "tr", "ell": "el", "heb": "he",
}  # fmt: skip
POINT_MS = 1
"""ELAN has no moments: a millisecond is one"""
LONG_WORDS, MANY_WORDS, SOME_WORDS = 60, 40, 8
"""beyond these, words without a vocabulary are taken for running text"""

Key = tuple[str, str]
"""linguistic type and name of a group of tiers"""


@dataclass(frozen=True, slots=True)
class Who:
    """Whose annotations a tier holds, and whom they are about; either may be empty."""

    annotator: str
    participant: str


@dataclass(slots=True)
class StreamPlan:
    """What became of a group of tiers: codes by word; `runs_on` where the words are notes."""

    label: str
    tiers: list[str] = field(default_factory=list)
    id: str = ""
    runs_on: bool = False
    words: dict[str, dict[str, str]] = field(default_factory=dict)
    meanings: dict[str, dict[str, str]] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    lasting: set[str] = field(default_factory=set)
    codes: dict[str, str] = field(default_factory=dict)
    with_subjects: bool = False
    without_subjects: bool = False
    overlaps: bool = False
    modifiers: list[Key] = field(default_factory=list)

    def is_state(self, word: str) -> bool:
        """A code lasts unless it never did; one that was not seen goes by the others."""
        if word in self.counts:
            return word in self.lasting
        return bool(self.lasting) or not self.counts


@dataclass(slots=True)
class ModifierPlan:
    """What became of a group of dependent tiers."""

    label: str
    id: str = ""
    kind: ModifierKind = ModifierKind.TEXT
    words: dict[str, dict[str, str]] = field(default_factory=dict)
    options: dict[str, str] = field(default_factory=dict)
    has_vocabulary: bool = False
    given: list[list[str]] = field(default_factory=list)
    """the words beneath each annotation"""


@dataclass(slots=True)
class Proposal:
    """A framework for documents, and how each annotation is read by it. `own` is the framework that came with them."""

    framework: Framework | None
    findings: tuple[Finding, ...]
    streams: dict[Key, StreamPlan]
    modifiers: dict[Key, ModifierPlan]
    key_of: dict[tuple[str, str], Key]
    """document and tier → group"""
    own: bool = False


def framework_in(data: bytes) -> Loaded:
    """The framework that a document's tiers propose, or that it carries."""
    opened = read_document("ELAN", data)
    if opened.document is None:
        return Loaded(None, opened.findings)
    proposal = proposal_of([opened.document], title_of([opened.document]))
    return Loaded(proposal.framework, (*opened.findings, *proposal.findings))


def title_of(documents: Sequence[ElanDocument]) -> str:
    """What a framework without a name is called after: the first recording, or the first document."""
    first = next((document.media for document in documents if document.media), documents[0].name)
    return re.sub(r"(?<=.)\.[A-Za-z0-9]{1,5}$", "", first) or "ELAN"


def own_framework(document: ElanDocument) -> Framework | None:
    """The framework inside a document that was exported from here."""
    try:
        written = json.loads(document.properties.get(OWN_FRAMEWORK, ""))
    except (ValueError, RecursionError):
        return None
    return load(written).framework


def proposal_of(documents: Sequence[ElanDocument], title: str) -> Proposal:
    """One framework for all documents; for our own, the one they were recorded with."""
    own = [own_framework(document) for document in documents]
    if own and own[0] is not None and all(one == own[0] for one in own):
        return Proposal(own[0], (), {}, {}, {}, own=True)
    return _Building(documents, title).proposal()


def who_of(document: ElanDocument, tier: Tier) -> Who:
    """Annotator and participant of a tier, or else of the tier that it lies beneath."""
    by_id = {one.id: one for one in document.tiers}
    annotator, participant = tier.annotator, tier.participant
    above = by_id.get(tier.parent)
    while above is not None and not (annotator and participant):
        annotator, participant = annotator or above.annotator, participant or above.participant
        above = by_id.get(above.parent)
    return Who(annotator.strip(), participant.strip())


def base_of(tier: str, who: Who) -> str:
    """A tier's name without its participant and annotator: “gaze@P01” and “gaze-P02” are both gaze."""
    for name in filter(None, (who.participant, who.annotator)):
        word = re.escape(name)
        shorter = re.sub(rf"(?i)(^{word}[@_.:\- ]+|[@_.:\- ]+{word}$)", "", tier)
        tier = shorter.strip() or tier
    return tier


class Vocabulary:
    """The entries of one vocabulary of one document; any language's word, and the id, lead to the first word."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self.entries = [entry for entry in entries if any(entry.words.values())]
        self.first = {entry.id: next(filter(None, entry.words.values())) for entry in self.entries}
        self.by_word = {
            word: self.first[entry.id] for entry in self.entries for word in entry.words.values() if word
        }

    def word(self, value: str, entry: str) -> str:
        return self.first.get(entry) or self.by_word.get(value.strip(), value.strip())


def vocabulary_of(document: ElanDocument, tier: Tier) -> Vocabulary:
    return Vocabulary(document.vocabularies.get(document.kinds[tier.kind].vocabulary, ()))


def is_running(words: Sequence[str]) -> bool:
    """Whether words without a vocabulary are a transcript and not codes."""
    distinct = {word for word in words if word}
    many = len(distinct) > SOME_WORDS and len(distinct) * 2 > len(words)
    return any(len(word) > LONG_WORDS for word in distinct) or len(distinct) > MANY_WORDS or many


class _Building:
    """A proposal on its way."""

    def __init__(self, documents: Sequence[ElanDocument], title: str) -> None:
        self.documents, self.title = documents, title
        self.findings: list[Finding] = []
        self.streams: dict[Key, StreamPlan] = {}
        self.modifiers: dict[Key, ModifierPlan] = {}
        self.key_of: dict[tuple[str, str], Key] = {}
        self.languages: list[str] = []

    def proposal(self) -> Proposal:
        self.keys()
        for document in self.documents:
            self.speak(document)
        for document in self.documents:
            for tier in document.tiers:
                if not tier.is_dependent and (key := self.key_of.get((document.name, tier.id))):
                    self.stream(document, tier, self.streams[key])
        self.running()
        for document in self.documents:
            self.beneath(document)
        if not self.streams:
            return self.refused(NOTHING.at(""))
        if sum(len(plan.words) for plan in self.streams.values()) > 20 * MAX_ITEMS or any(
            len(plan.words) > MAX_ITEMS for plan in self.streams.values()
        ):
            return self.refused(TOO_WIDE.at("", maximum=MAX_ITEMS, what="codes"))
        if len(self.streams) > MAX_ITEMS or len(self.modifiers) > MAX_ITEMS:
            return self.refused(TOO_WIDE.at("", maximum=MAX_ITEMS, what="groups"))
        loaded = load(self.document())
        return Proposal(
            loaded.framework, (*loaded.findings, *self.findings), self.streams, self.modifiers, self.key_of
        )

    def refused(self, finding: Finding) -> Proposal:
        return Proposal(None, (*self.findings, finding), {}, {}, {})

    def speak(self, document: ElanDocument) -> None:
        """The languages of the vocabularies; undetermined words are in the first of them."""
        for entries in document.vocabularies.values():
            for entry in entries:
                for language, word in entry.words.items():
                    tag = tag_of(language)
                    if word and tag and tag not in self.languages:
                        self.languages.append(tag)

    def keys(self) -> None:
        """Which tiers belong together."""
        shared: set[str] = set()
        bases: dict[str, dict[str, None]] = {}
        tiers = [
            (document, tier, who_of(document, tier)) for document in self.documents for tier in document.tiers
        ]
        for document in self.documents:
            seen: set[tuple[str, Who]] = set()
            for of, tier, who in tiers:
                if of is document and not tier.is_dependent:
                    shared |= {tier.kind} if (tier.kind, who) in seen else set()
                    seen.add((tier.kind, who))
        empty = []
        for document, tier, who in tiers:
            if tier.is_dependent or not (tier.marks or vocabulary_of(document, tier).entries):
                empty += [tier.id] if not tier.is_dependent else []
                continue
            base = base_of(tier.id, who)
            key = (tier.kind, base if tier.kind in shared else "")
            bases.setdefault(tier.kind, {})[base] = None
            self.key_of[document.name, tier.id] = key
            plan = self.streams.setdefault(key, StreamPlan(base))
            plan.tiers += [tier.id] if tier.id not in plan.tiers else []
        for (kind, base), plan in self.streams.items():
            plan.label = base or (next(iter(bases[kind])) if len(bases[kind]) == 1 else kind)
        if empty:
            names = list(dict.fromkeys(empty))
            self.findings.append(LEFT_OUT.at("", count=len(names), names=", ".join(names)[:300]))

    def stream(self, document: ElanDocument, tier: Tier, plan: StreamPlan) -> None:
        """The codes of one tier, those of its vocabulary first."""
        vocabulary, who = vocabulary_of(document, tier), who_of(document, tier)
        for entry in vocabulary.entries:
            word = vocabulary.first[entry.id]
            plan.words.setdefault(word, {}).update(self.tagged(entry.words))
            plan.meanings.setdefault(word, {}).update(self.tagged(entry.meanings))
        outside: dict[str, int] = {}
        for mark in tier.marks:
            word = vocabulary.word(mark.value, mark.entry)
            if word and vocabulary.entries and word not in plan.words:
                outside[word] = outside.get(word, 0) + 1
            plan.counts[word] = plan.counts.get(word, 0) + 1
            if mark.end - mark.start > POINT_MS:
                plan.lasting.add(word)
        for word, count in outside.items():
            name = document.kinds[tier.kind].vocabulary
            self.findings.append(
                OUTSIDE.at("", word=word[:60], tier=tier.id[:60], count=count, vocabulary=name[:60])
            )
        for word in plan.counts:
            plan.words.setdefault(word, {})
        plan.with_subjects |= bool(who.participant)
        plan.without_subjects |= not who.participant
        plan.overlaps |= overlap(tier.marks)

    def running(self) -> None:
        """Groups without a vocabulary whose words are a transcript get one code, and those without a word get a name."""
        for plan in self.streams.values():
            given = [word for word, count in plan.counts.items() for _ in range(count)]
            if not any(plan.meanings) and is_running(given):
                self.findings.append(RUNNING_WORDS.at("", tier=plan.label[:60]))
                plan.runs_on = True
                plan.lasting = {""} if plan.lasting else set()
                plan.words, plan.counts = {"": {}}, {"": len(given)}
            elif "" in plan.counts:
                name = plan.label if len(plan.words) == 1 else f"{plan.label}, no word"
                self.findings.append(EMPTY.at("", count=plan.counts[""], tier=plan.label[:60], code=name[:60]))

    def beneath(self, document: ElanDocument) -> None:
        """Dependent tiers as modifiers of the streams whose annotations they are about."""
        homes = {mark.id: tier for tier in document.tiers for mark in tier.marks}
        for tier in document.tiers:
            if not tier.remarks:
                continue
            who, vocabulary = who_of(document, tier), vocabulary_of(document, tier)
            key = (tier.kind, base_of(tier.id, who))
            self.key_of[document.name, tier.id] = key
            plan = self.modifiers.setdefault(key, ModifierPlan(key[1]))
            plan.has_vocabulary |= bool(vocabulary.entries)
            for entry in vocabulary.entries:
                plan.words.setdefault(vocabulary.first[entry.id], {}).update(self.tagged(entry.words))
            for words in words_beneath(tier.remarks, vocabulary).values():
                plan.given.append(words)
                for word in words if plan.has_vocabulary else ():
                    plan.words.setdefault(word, {})
            for remark in tier.remarks:
                stream = self.streams[self.key_of[document.name, homes[remark.about].id]]
                if key not in stream.modifiers:
                    stream.modifiers.append(key)

    def tagged(self, words: Mapping[str, str]) -> dict[str, str]:
        """Words by the framework's language tags."""
        first = self.languages[0] if self.languages else "en"
        found: dict[str, str] = {}
        for language, word in words.items():
            if word:
                found.setdefault(tag_of(language) or first, word)
        return found

    def document(self) -> dict[str, Any]:
        """The framework document, with every id settled in the plans."""
        languages = self.languages or ["en"]
        modifier_ids: set[str] = set()
        modifiers = [self.modifier_document(plan, modifier_ids) for plan in self.modifiers.values()]
        stream_ids: set[str] = set()
        code_ids: set[str] = set()
        streams = [self.stream_document(plan, stream_ids, code_ids) for plan in self.streams.values()]
        undefined = sum(
            not any(plan.meanings.get(word, {}).values()) for plan in self.streams.values() for word in plan.words
        )
        if undefined:
            self.findings.append(DEFINE.at("", count=undefined))
        used = {actor for stream in streams for actor in stream["actors"]}
        actors = [
            {"id": "subject", "label": "Participant"},
            {"id": "scene", "label": "The scene as a whole", "kind": "group", "seen_as": "as-one"},
        ]
        return {
            "schema": SCHEMA, "slug": slug_from(self.title, "elan"), "title": self.title[:200] or "ELAN", "languages": languages,
            "purpose": "What the tiers of the ELAN documents code.", "attend_to": ["What the tiers code"],
            "leave_out": ["Anything else"], "assumptions": ["The documents are as their coders left them"],
            "source": {"note": "Imported from ELAN documents."},
            "actors": [actor for actor in actors if actor["id"] in used], "modifiers": modifiers, "streams": streams,
        }  # fmt: skip

    def stream_document(self, plan: StreamPlan, stream_ids: set[str], code_ids: set[str]) -> dict[str, Any]:
        plan.id = id_from(plan.label, stream_ids, "tier")
        codes = []
        for word, translated in plan.words.items():
            name = word or (plan.label if len(plan.words) == 1 else f"{plan.label}, no word")
            plan.codes[word] = id_from(name, code_ids, "code")
            meaning = {tag: words for tag, words in plan.meanings.get(word, {}).items() if words}
            codes.append({
                "id": plan.codes[word], "label": translated or name[:200], "type": "state" if plan.is_state(word) else "point",
                "definition": meaning or f"Annotated as “{name[:200]}” on the tier {plan.label}; see the source.",
                "modifiers": [self.modifiers[key].id for key in plan.modifiers],
            })  # fmt: skip
        actors = ["subject"] * plan.with_subjects + ["scene"] * plan.without_subjects
        exclusive = not plan.overlaps and all(code["type"] == "state" for code in codes)
        return {"id": plan.id, "label": plan.label, "actors": actors, "exclusive": exclusive, "codes": codes}

    def modifier_document(self, plan: ModifierPlan, ids: set[str]) -> dict[str, Any]:
        """One of, several of, a number or text, by what was written."""
        plan.id = id_from(plan.label, ids, "modifier")
        given = [word for words in plan.given for word in words if word]
        several = any(len(words) > 1 for words in plan.given)
        twice = any(len(set(words)) < len(words) for words in plan.given)
        if several and twice:
            self.findings.append(SEVERAL.at("", tier=plan.label[:60]))
        elif not several and not plan.has_vocabulary and given and all(map(is_number, given)):
            plan.kind = ModifierKind.NUMBER
        elif plan.has_vocabulary or not is_running(given):
            plan.kind = ModifierKind.SEVERAL_OF if several else ModifierKind.ONE_OF
            plan.words |= {word: {} for word in given if word not in plan.words}
        if plan.kind in (ModifierKind.SEVERAL_OF, ModifierKind.ONE_OF) and not plan.words:
            plan.kind = ModifierKind.TEXT
        found: dict[str, Any] = {"id": plan.id, "label": plan.label, "kind": plan.kind.value}
        if plan.kind in (ModifierKind.SEVERAL_OF, ModifierKind.ONE_OF):
            taken: set[str] = set()
            plan.options = {word: id_from(word, taken, "option") for word in plan.words if word}
            found["options"] = [
                {"id": option, "label": plan.words[word] or word[:200]} for word, option in plan.options.items()
            ]
        return found


def words_beneath(remarks: Iterable[Remark], vocabulary: Vocabulary) -> dict[str, list[str]]:
    """The words of one dependent tier beneath each annotation, in their order; empty ones are left out."""
    found: dict[str, list[str]] = {}
    for remark in remarks:
        if word := vocabulary.word(remark.value, remark.entry):
            found.setdefault(remark.about, []).append(word)
    return found


def overlap(marks: Sequence[Mark]) -> bool:
    """Whether two annotations of one tier lie over one another, or one has no length: then none may end another."""
    reach = -1
    for mark in marks:
        if mark.start < reach or mark.start == mark.end:
            return True
        reach = max(reach, mark.end)
    return False


def is_number(word: str) -> bool:
    return re.fullmatch(r"-?\d{1,15}([.,]\d{1,9})?", word.strip()) is not None


def tag_of(language: str) -> str:
    """The tag of a language; empty where it is undetermined or no tag."""
    tag = TWO_LETTERS.get(language.lower(), language)
    return tag if re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*", tag) and tag != "und" else ""


def missing_from(framework: Framework, proposed: Framework) -> Iterator[str]:
    """What of a proposal a framework does not have under the same ids, in words."""
    streams = {stream.id: {code.id: code.type for code in stream.codes} for stream in framework.streams}
    for stream in proposed.streams:
        if stream.id not in streams:
            yield f"the stream {stream.id}"
            continue
        for code in stream.codes:
            if streams[stream.id].get(code.id) != code.type:
                yield f"{code.type.value} {code.id} in {stream.id}"
    options = {modifier.id: {option.id for option in modifier.options} for modifier in framework.modifiers}
    for modifier in proposed.modifiers:
        if (
            not {option.id for option in modifier.options} <= options.get(modifier.id, set())
            or modifier.id not in options
        ):
            yield f"the modifier {modifier.id}"
