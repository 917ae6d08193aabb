"""Sessions of several versions analysed together: which codes stand for which, what is kept apart, and in what words.

A code of one version counts with a code of another where a map says so, or where both have one id and nothing about
them changed that makes them something else. What is kept apart says why; what an older version could not record is
named, since its absence there says nothing.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from frameworks.codemaps import CodeMap, Move, check_map, ids_of
from frameworks.findings import Finding
from frameworks.model import (
    Code,
    Construct,
    Formula,
    Framework,
    Indicator,
    Link,
    Rating,
    SamplingKind,
    Stream,
    Term,
    Text,
)
from frameworks.versions import (
    OF_CODE,
    OF_RATING,
    OF_STREAM,
    Change,
    Effect,
    content_hash,
    field_changes,
    one_changed,
)

Member = tuple[str, str]
"""the hash of a version, and an id in it"""

Names = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Together:
    """The codes that several versions can be analysed by, and how that was arrived at.

    `codes` and `streams` give, for each version's hash, the common id of each of its codes (ratings too) and streams. A
    code that was split is analysed under its old name, since older sessions cannot say which of the new ones it would
    have been.
    """

    codes: Mapping[str, Names]
    streams: Mapping[str, Names]
    numbers: Mapping[str, int]
    """the number of each version, oldest first"""
    statement: tuple[str, ...]
    """what was done, in sentences that belong beside every joint figure"""
    apart: tuple[str, ...]
    """what is not counted together although it has one id or a map joins it, and why"""
    cautions: tuple[str, ...]
    """what is counted together although observers worked to other words"""
    only_in_some: tuple[str, ...]
    """common codes that some version could not record: there their absence says nothing"""
    unstated: tuple[tuple[int, int], ...]
    """neighbouring versions of which codes came or went without a word of what became of them"""
    joint: Framework
    """one framework with every common code, in the newest version's order and words"""
    findings: tuple[Finding, ...] = ()

    def code(self, version: str, code: str) -> str:
        """The common code for a code of one version; a code that the version does not know stays as it is."""
        return self.codes[version].get(code, code)

    def names_in(self, version: str, other: str) -> tuple[dict[str, str], dict[str, str]]:
        """What the codes and the streams of one version are called in another; its own id with its number if not one thing there."""
        found = []
        for names in (self.codes, self.streams):
            there: dict[str, list[str]] = {}
            for each, common in names[other].items():
                there.setdefault(common, []).append(each)
            found.append(
                {
                    each: there[common][0]
                    if len(there.get(common, ())) == 1
                    else f"{each}~{self.numbers[version]}"
                    for each, common in names[version].items()
                }
            )
        return found[0], found[1]

    def changes(self, version: str) -> bool:
        """Whether anything of this version has another id here."""
        return any(one != other for names in (self.codes, self.streams) for one, other in names[version].items())

    def framework(self, mark: str, version: Framework) -> Framework:
        """A version in the common ids, with only one code left for those that can no longer be told apart."""
        return in_other_names(version, self.codes[mark], self.streams[mark])

    def versions_with(self, code: str) -> tuple[int, ...]:
        """The numbers of the versions that can record a common code."""
        return tuple(number for mark, number in self.numbers.items() if code in self.codes[mark].values())

    def fit(self, formula: Formula, newest: Framework) -> tuple[frozenset[str], str]:
        """The versions whose sessions a formula of the newest can be worked out of, and why not all; in its own ids."""
        last = list(self.numbers)[-1]
        names = self.codes[last]
        terms = [term for term in (formula.numerator, formula.denominator) if term]
        for term in terms:
            if blurred := told_apart(term, names, newest):
                return frozenset(), f"it tells apart {listed(blurred)}, and older sessions cannot"
        named = [each for term in terms for each in (*term.codes, *term.except_codes, *term.ratings)]
        streams = {term.stream for term in terms if term.stream}
        homes = self.streams[last]
        fitting = frozenset(
            mark
            for mark in self.numbers
            if {names.get(each, each) for each in named} <= set(self.codes[mark].values())
            and {homes.get(each, each) for each in streams} <= set(self.streams[mark].values())
        )
        left = [number for mark, number in self.numbers.items() if mark not in fitting]
        if not left:
            return fitting, ""
        return (
            fitting,
            f"sessions of {versions_in_words(left)} are left out: not all that it needs was recorded then",
        )


def told_apart(term: Term, names: Names, newest: Framework) -> list[str]:
    """Codes that a term names without the others that they have become one with, or that are worth different things."""
    alike: dict[str, set[str]] = {}
    for each, common in names.items():
        alike.setdefault(common, set()).add(each)
    worth = {code.id: code.value for _, code in newest.codes()}
    found = []
    for side in (term.codes, term.except_codes, term.ratings):
        found += [each for each in side if not alike.get(names.get(each, each), set()) <= set(side)]
    if term.measure == "value":
        found += [each for group in alike.values() if len({worth.get(one) for one in group}) > 1 for each in group]
    return sorted(set(found))


def listed(ids: Iterable[str]) -> str:
    """Ids in a sentence."""
    return ", ".join(f"“{each}”" for each in ids)


def versions_in_words(numbers: Sequence[int]) -> str:
    """ "version 3", "versions 1–3", "versions 1, 2 and 5"."""
    some = sorted(numbers)
    if len(some) == 1:
        return f"version {some[0]}"
    if len(some) > 2 and some == list(range(some[0], some[-1] + 1)):
        return f"versions {some[0]}–{some[-1]}"
    return f"versions {', '.join(map(str, some[:-1]))} and {some[-1]}"


# ---- a framework in other ids ---------------------------------------------------------------------------------------


def in_other_names(framework: Framework, names: Names, homes: Names) -> Framework:
    """A framework whose codes, ratings (`names`) and streams (`homes`) have other ids."""
    return replace(
        framework,
        streams=tuple(renamed_stream(stream, names, homes) for stream in framework.streams),
        links=tuple(renamed_link(link, names) for link in framework.links),
        formulas=tuple(renamed_formula(formula, names, homes) for formula in framework.formulas),
        constructs=tuple(renamed_construct(construct, names) for construct in framework.constructs),
    )


def renamed(ids: Iterable[str], names: Names) -> tuple[str, ...]:
    """Ids in other names, each once."""
    return tuple(dict.fromkeys(names.get(each, each) for each in ids))


def renamed_stream(stream: Stream, names: Names, homes: Names) -> Stream:
    """A stream whose codes carry other names; of those that became one the first stands for all."""
    codes: dict[str, Code] = {}
    for code in stream.codes:
        codes.setdefault(names.get(code.id, code.id), replace(code, id=names.get(code.id, code.id)))
    ratings = tuple(
        replace(each, id=names.get(each.id, each.id), part_of=names.get(each.part_of, each.part_of))
        for each in stream.ratings
    )
    fallback = names.get(stream.fallback, stream.fallback)
    priority = renamed(stream.priority, names)
    plan = stream.agreement
    if plan and not isinstance(plan.weights, str) and len(codes) < len(stream.codes):
        plan = replace(plan, weights="nominal")  # a row a code, of codes that are no longer all there
    return replace(
        stream, id=homes.get(stream.id, stream.id), codes=tuple(codes.values()), ratings=ratings, fallback=fallback,
        priority=priority, agreement=plan,
    )  # fmt: skip


def renamed_link(link: Link, names: Names) -> Link:
    """A link between codes in other names."""
    from_codes, to_codes = renamed(link.from_codes, names), renamed(link.to_codes, names)
    return replace(link, from_codes=from_codes, to_codes=to_codes, if_none=names.get(link.if_none, link.if_none))


def renamed_formula(formula: Formula, names: Names, homes: Names) -> Formula:
    """A formula over codes in other names."""
    below = formula.denominator and renamed_term(formula.denominator, names, homes)
    return replace(formula, numerator=renamed_term(formula.numerator, names, homes), denominator=below)


def renamed_term(term: Term, names: Names, homes: Names) -> Term:
    """One side of a formula over codes in other names."""
    codes, without = renamed(term.codes, names), renamed(term.except_codes, names)
    stream = homes.get(term.stream, term.stream)
    return replace(term, stream=stream, codes=codes, except_codes=without, ratings=renamed(term.ratings, names))


def renamed_construct(construct: Construct, names: Names) -> Construct:
    """A construct whose indicators name codes in other names; of those that became alike the first is kept."""
    indicators: dict[tuple[str, str, tuple[tuple[str, str], ...]], Indicator] = {}
    for each in construct.indicators:
        indicator = replace(each, code=names.get(each.code, each.code), rating=names.get(each.rating, each.rating))
        indicators.setdefault((indicator.code, indicator.rating, indicator.modifiers), indicator)
    return replace(construct, indicators=tuple(indicators.values()))


# ---- what belongs together ------------------------------------------------------------------------------------------


class Groups:
    """Disjoint groups of (version, id); joining members joins their groups."""

    def __init__(self, members: Iterable[Member]) -> None:
        self.group_of: dict[Member, list[Member]] = {member: [member] for member in members}

    def join(self, members: Iterable[Member]) -> None:
        """Make one group of all groups that these belong to; unknown members are left out."""
        known = [member for member in members if member in self.group_of]
        merged = sorted({each for member in known for each in self.group_of[member]})
        for member in merged:
            self.group_of[member] = merged

    def are_one(self, one: Member, other: Member) -> bool:
        return self.group_of[one] is self.group_of[other]

    def all(self) -> list[list[Member]]:
        """Each group once."""
        return list({id(group): group for group in self.group_of.values()}.values())


class Step(StrEnum):
    """How two versions came to be compared."""

    NEIGHBOURS = "neighbours"
    STATED = "stated"


@dataclass(slots=True)
class Joining:
    """The groups in the making, with what is to be said of them."""

    by_hash: Mapping[str, Framework]
    numbers: Mapping[str, int]
    codes: Groups
    streams: Groups
    apart: dict[str, None] = field(default_factory=dict)
    cautions: dict[str, None] = field(default_factory=dict)

    def pair(self, old: str, new: str, moves: Sequence[Move], step: Step) -> None:
        """Join what belongs together of two versions: streams first, since a code never leaves its stream's regime."""
        self.join_streams(old, new, moves)
        for move in moves:
            self.join_move(old, new, move)
        if step is Step.NEIGHBOURS:
            self.join_unmoved(old, new, moves)

    def join_streams(self, old: str, new: str, moves: Sequence[Move]) -> None:
        before, after = self.by_hash[old], self.by_hash[new]
        there = {stream.id: stream for stream in after.streams}
        for stream in before.streams:
            successor = there.get(stream.id) or renamed_home(stream, before, after, moves)
            if successor is None:
                continue
            why = differences(
                with_fallback_of(stream, successor, moves), successor, OF_STREAM, f"The stream “{stream.id}”"
            )
            if not why:
                self.streams.join([(old, stream.id), (new, successor.id)])
            elif (old, new) in itertools.pairwise(self.numbers):
                self.keep_apart(f"the stream “{stream.id}”", old, new, why)

    def join_move(self, old: str, new: str, move: Move) -> None:
        if not move.new:
            also = [each for each in move.old if each in ids_of(self.by_hash[new])]
            for each in also:
                self.keep_apart(f"“{each}”", old, new, [move.reason or "a map says that it is something else now"])
            return
        why = [
            reason for one in move.old for other in move.new for reason in self.why_not((old, one), (new, other))
        ]
        if why:
            self.keep_apart(f"{listed(move.old)} and {listed(move.new)}", old, new, list(dict.fromkeys(why)))
        else:
            self.codes.join([*((old, each) for each in move.old), *((new, each) for each in move.new)])

    def why_not(self, old: Member, new: Member) -> list[str]:
        """What forbids that two codes count as one."""
        before, after = placed(self.by_hash[old[0]]).get(old[1]), placed(self.by_hash[new[0]]).get(new[1])
        if before is None or after is None:
            return []
        (home, one), (other_home, other) = before, after
        if isinstance(one, Rating) is not isinstance(other, Rating):
            return ["the one is a code and the other a rating"]
        if not self.streams.are_one((old[0], home.id), (new[0], other_home.id)):
            return [f"they stand in streams that are not recorded alike (“{home.id}”, “{other_home.id}”)"]
        effects = OF_RATING if isinstance(one, Rating) else OF_CODE
        what = "rating" if isinstance(one, Rating) else "code"
        whose = f"The {what} “{other.id}”"
        return [
            what_differs(change, whose)
            for change in one_changed(one, other, what, effects, ())
            if change.effect is Effect.DIFFERENT
        ]

    def join_unmoved(self, old: str, new: str, moves: Sequence[Move]) -> None:
        """An id that no move speaks of is the same code in neighbouring versions, unless it became something else."""
        gone = {each for move in moves for each in move.old}
        came = {each for move in moves for each in move.new}
        before, after = placed(self.by_hash[old]), placed(self.by_hash[new])
        for each in (each for each in before if each in after and each not in gone | came):
            (home, one), (other_home, other) = before[each], after[each]
            if home.id == other_home.id and not self.streams.are_one((old, home.id), (new, home.id)):
                continue  # the stream as a whole is kept apart, and says why
            if why := self.why_not((old, each), (new, each)):
                self.keep_apart(f"“{each}”", old, new, why)
                continue
            self.codes.join([(old, each), (new, each)])
            effects, what = (OF_RATING, "rating") if isinstance(other, Rating) else (OF_CODE, "code")
            for change in one_changed(one, other, what, effects, ()):
                if change.effect is Effect.CARE:
                    numbers = f"From version {self.numbers[old]} to {self.numbers[new]}"
                    self.cautions[f"{numbers}: {lower_first(change.sentence)}"] = None

    def keep_apart(self, what: str, old: str, new: str, why: Sequence[str]) -> None:
        sentence = f"{what} of version {self.numbers[old]} and of version {self.numbers[new]}: {'; '.join(why)}."
        self.apart[sentence[0].upper() + sentence[1:]] = None


def placed(framework: Framework) -> dict[str, tuple[Stream, Code | Rating]]:
    """Every code and rating with the stream that it stands in, by its id."""
    found: dict[str, tuple[Stream, Code | Rating]] = {
        code.id: (stream, code) for stream, code in framework.codes()
    }
    return found | {rating.id: (stream, rating) for stream, rating in framework.ratings()}


def renamed_home(stream: Stream, old: Framework, new: Framework, moves: Sequence[Move]) -> Stream | None:
    """The stream that is new and holds what this one held, if it is only one."""
    kept = {each.id for each in old.streams}
    after = placed(new)
    ids = [*(code.id for code in stream.codes), *(rating.id for rating in stream.ratings)]
    became = {to for move in moves for to in move.new if set(move.old) & set(ids)} | {
        each for each in ids if each in after
    }
    homes = {after[each][0].id: after[each][0] for each in became if each in after}
    fresh = [home for mark, home in homes.items() if mark not in kept]
    return fresh[0] if len(homes) == 1 and fresh else None


def with_fallback_of(stream: Stream, successor: Stream, moves: Sequence[Move]) -> Stream:
    """The stream with its fallback in the newer name, where a move says that it is the same."""
    renamed_to = next((move.new for move in moves if move.old == (stream.fallback,)), ())
    return replace(stream, fallback=successor.fallback) if renamed_to == (successor.fallback,) else stream


def differences(old: Stream, new: Stream, effects: dict[str, Effect], whose: str) -> list[str]:
    return [
        what_differs(change, whose)
        for change in field_changes(old, new, effects, whose, ())
        if change.effect is Effect.DIFFERENT
    ]


def what_differs(change: Change, whose: str) -> str:
    """A change as part of a sentence that has said already what it is of."""
    return change.sentence.removeprefix(f"{whose}: ").removesuffix(".")


def lower_first(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]


def together(
    versions: Sequence[Framework],
    maps: Sequence[CodeMap] = (),
    *,
    numbers: Sequence[int] | None = None,
    marks: Sequence[str] | None = None,
) -> Together:
    """The common codes of several versions, oldest first. Codes linked by moves, directly or by way of others, are one.

    `numbers` are those that the versions are known by; without them they are counted from 1. `marks` are the hashes that
    sessions and maps name them by; without them, those of their content.
    """
    by_hash = dict(zip(marks or map(content_hash, versions), versions, strict=True))
    order = list(by_hash)
    counted = dict(zip(order, numbers or range(1, len(order) + 1), strict=True))
    findings: list[Finding] = []
    for code_map in maps:
        if code_map.old not in by_hash or code_map.new not in by_hash:
            raise KeyError(
                f"the map from {code_map.old} to {code_map.new} is for versions that are not analysed here"
            )
        findings += check_map(code_map, by_hash[code_map.old], by_hash[code_map.new])
    joining = Joining(
        by_hash,
        counted,
        Groups((version, each) for version in order for each in sorted(ids_of(by_hash[version]))),
        Groups((version, stream.id) for version in order for stream in by_hash[version].streams),
    )
    stated = {(each.old, each.new): each.moves for each in maps}
    pairs = list(itertools.pairwise(order))
    for old, new in pairs:
        joining.pair(old, new, stated.get((old, new), ()), Step.NEIGHBOURS)
    for old, new in stated:
        if (old, new) not in pairs:
            joining.pair(old, new, stated[old, new], Step.STATED)
    codes = named(joining.codes, order, counted)
    streams = named(joining.streams, order, counted)
    joint = joint_framework(by_hash, order, codes, streams, counted)
    return Together(
        codes, streams, counted, tuple(statement(joining.codes, codes, maps, counted)), tuple(joining.apart),
        (*joining.cautions, *whole_intervals(by_hash, codes, counted)), tuple(only_in_some(codes)),
        tuple(unstated(by_hash, pairs, stated, counted)), joint, tuple(findings),
    )  # fmt: skip


def unstated(
    by_hash: Mapping[str, Framework],
    pairs: Iterable[tuple[str, str]],
    stated: Iterable[tuple[str, str]],
    numbers: Mapping[str, int],
) -> Iterator[tuple[int, int]]:
    """Neighbouring versions that lost codes without a map of what became of them."""
    known = set(stated)
    for old, new in pairs:
        if (old, new) not in known and ids_of(by_hash[old]) - ids_of(by_hash[new]):
            yield numbers[old], numbers[new]


def named(groups: Groups, order: Sequence[str], numbers: Mapping[str, int]) -> dict[str, dict[str, str]]:
    """A common id for each group, by version and own id. Two groups never share one: the older says its version."""
    taken: set[str] = set()
    names: dict[Member, str] = {}
    newest_of = {id(group): max(order.index(home) for home, _ in group) for group in groups.all()}
    for group in sorted(groups.all(), key=lambda group: (-newest_of[id(group)], group)):
        name = name_of(group, order)
        if name in taken:
            name = f"{name}~{numbers[order[newest_of[id(group)]]]}"
        taken.add(name)
        names |= dict.fromkeys(group, name)
    found: dict[str, dict[str, str]] = {version: {} for version in order}
    for version, each in groups.group_of:
        found[version][each] = names[version, each]
    return found


def name_of(group: Sequence[Member], order: Sequence[str]) -> str:
    """The one id that the group has in the newest version where it has only one; else all of them joined."""
    for version in reversed(order):
        ids = sorted(each for home, each in group if home == version)
        if len(ids) == 1:
            return ids[0]
    return "+".join(sorted({each for _, each in group}))


def statement(
    groups: Groups, names: Mapping[str, Names], maps: Sequence[CodeMap], numbers: Mapping[str, int]
) -> Iterator[str]:
    """What was done, in sentences that belong beside every joint figure."""
    for code_map in maps:
        for move in code_map.moves:
            yield f"From version {numbers[code_map.old]} to {numbers[code_map.new]}: {move.in_words()}"
    for group in groups.all():
        for version in numbers:
            ids = sorted(each for home, each in group if home == version)
            if len(ids) > 1:
                yield f"In version {numbers[version]} {listed(ids)} are analysed as one, “{names[version][ids[0]]}”."


def only_in_some(codes: Mapping[str, Names]) -> Iterator[str]:
    """Common codes that some version could not record: there their absence says nothing."""
    present = [set(names.values()) for names in codes.values()]
    everywhere = set.intersection(*present) if present else set()
    yield from sorted(set().union(*present) - everywhere)


def whole_intervals(
    by_hash: Mapping[str, Framework], names: Mapping[str, Names], numbers: Mapping[str, int]
) -> Iterator[str]:
    """Merged codes of whole-interval streams: an interval that two of them filled between them was ticked for neither."""
    for mark, version in by_hash.items():
        for stream in version.streams:
            if stream.sampling.kind is not SamplingKind.WHOLE_INTERVAL:
                continue
            alike: dict[str, list[str]] = {}
            for code in stream.codes:
                alike.setdefault(names[mark][code.id], []).append(code.id)
            for common, ids in alike.items():
                if len(ids) > 1:
                    yield f"In version {numbers[mark]} an interval that {listed(ids)} filled between them counts for none of “{common}”, which is too low."


# ---- the joint framework --------------------------------------------------------------------------------------------


def joint_framework(
    by_hash: Mapping[str, Framework],
    order: Sequence[str],
    codes: Mapping[str, Names],
    streams: Mapping[str, Names],
    numbers: Mapping[str, int],
) -> Framework:
    """The newest version in common ids, with what only older ones had behind it."""
    if not order:
        raise ValueError("there is no version to analyse")
    newest = by_hash[order[-1]]
    whole = in_other_names(newest, codes[order[-1]], streams[order[-1]])
    homes: dict[str, Stream] = {}
    for mark in reversed(order):
        for stream in by_hash[mark].streams:
            own = renamed_stream(stream, codes[mark], streams[mark])
            if mark != order[-1] and own.id != stream.id and "~" in own.id:
                own = replace(own, label=marked(own.label, numbers[mark]))
            homes[own.id] = with_more(homes[own.id], own) if own.id in homes else own
    words = dict(described(by_hash, order, codes, numbers))
    dressed = [
        replace(
            stream,
            codes=tuple(replace(code, label=words[code.id]) for code in stream.codes),
            ratings=tuple(replace(each, label=words[each.id]) for each in stream.ratings),
            agreement=replace(stream.agreement, weights="nominal")
            if stream.agreement and not isinstance(stream.agreement.weights, str)
            and len(stream.agreement.weights) != len(stream.codes)
            else stream.agreement,
        )
        for stream in homes.values()
    ]  # fmt: skip
    actors = {actor.id: actor for mark in order for actor in by_hash[mark].actors}
    return replace(whole, streams=tuple(dressed), actors=tuple(actors.values()))


def with_more(newer: Stream, older: Stream) -> Stream:
    """A stream with the codes and ratings that only an older version had at its end."""
    codes = {code.id: code for code in (*older.codes, *newer.codes)}
    ratings = {rating.id: rating for rating in (*older.ratings, *newer.ratings)}
    in_order = dict.fromkeys([*(code.id for code in newer.codes), *codes])
    rated = dict.fromkeys([*(rating.id for rating in newer.ratings), *ratings])
    return replace(
        newer, codes=tuple(codes[each] for each in in_order), ratings=tuple(ratings[each] for each in rated)
    )


def described(
    by_hash: Mapping[str, Framework], order: Sequence[str], codes: Mapping[str, Names], numbers: Mapping[str, int]
) -> Iterator[tuple[str, Text]]:
    """What each common code is called: as in the newest version that has it as one code, else all of them."""
    groups: dict[str, dict[str, list[str]]] = {}
    for mark in reversed(order):
        for each, common in codes[mark].items():
            groups.setdefault(common, {}).setdefault(mark, []).append(each)
    for common, by_version in groups.items():
        single = next(((mark, ids[0]) for mark, ids in by_version.items() if len(ids) == 1), None)
        if single:
            mark, own = single
            label = placed(by_hash[mark])[own][1].label
            yield common, marked(label, numbers[mark]) if "~" in common else label
        else:
            mark, ids = next(iter(by_version.items()))
            labels = [str(placed(by_hash[mark])[each][1].label) or each for each in ids]
            yield common, Text((("en", " or ".join(labels)),))


def marked(label: Text, number: int) -> Text:
    """A label that says which version it is of."""
    said = tuple((language, f"{words} ({number})") for language, words in label.by_language)
    return Text(said or (("en", f"({number})"),))
