"""Sessions of several versions analysed together: which codes stand for which, and in what words that is stated."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from frameworks.findings import Finding, error, pointer, warning
from frameworks.model import Code, Construct, Formula, Framework, Indicator, Link, Stream, Term
from frameworks.versions import content_hash

OLD_GONE = error(
    "map.unknown-old", "“{id}” is not a code or rating of the older version.", "Use an id of the older version."
)
NEW_GONE = error(
    "map.unknown-new", "“{id}” is not a code or rating of the newer version.", "Use an id of the newer version."
)
EMPTY = error("map.empty-move", "A move names no code on one of its sides.", "Name the codes before and after.")
TWICE = error("map.twice", "“{id}” is moved twice.", "Put all that belongs together into one move.")
TYPE_DIFFERS = error(
    "map.type",
    "“{old}” is a {old_type} and “{new}” is a {new_type}; the one cannot stand for the other.",
    "Map only points to points and states to states.",
)
SAMPLING_DIFFERS = warning(
    "map.sampling",
    "“{old}” was sampled by {old_kind} and “{new}” is by {new_kind}: figures of the two must not be pooled.",
    "Report the versions apart.",
)


@dataclass(frozen=True, slots=True)
class Move:
    """Codes of an older version and the codes of the newer one that stand for the same behaviour."""

    old: tuple[str, ...]
    new: tuple[str, ...]
    reason: str = ""

    @property
    def kind(self) -> str:
        """renamed, merged, split or regrouped."""
        if len(self.old) == 1:
            return "renamed" if len(self.new) == 1 else "split"
        return "merged" if len(self.new) == 1 else "regrouped"

    def in_words(self) -> str:
        """The move as a sentence that can stand in a report."""
        old, new = " and ".join(f"“{each}”" for each in self.old), " and ".join(f"“{each}”" for each in self.new)
        verb = {"renamed": "was renamed to", "merged": "were merged into", "split": "was split into"}.get(
            self.kind, "became"
        )
        return f"{old} {verb} {new}" + (f" ({self.reason})." if self.reason else ".")


@dataclass(frozen=True, slots=True)
class CodeMap:
    """What became of the codes of one version in the next; codes that are not named kept their id and meaning."""

    old: str
    new: str
    moves: tuple[Move, ...] = ()


@dataclass(frozen=True, slots=True)
class Together:
    """The codes that several versions can be analysed by, and how that was arrived at.

    `codes` gives, for each version's hash, the common code of each of its codes. A code that was split is analysed
    under its old name, since older sessions cannot say which of the new ones it would have been.
    """

    codes: Mapping[str, Mapping[str, str]]
    statement: tuple[str, ...]
    only_in_some: tuple[str, ...]
    findings: tuple[Finding, ...] = ()

    def code(self, version: str, code: str) -> str:
        """The common code for a code of one version; a code that the version does not know stays as it is."""
        return self.codes[version].get(code, code)

    def events(self, version: str, events: Iterable[Mapping[str, Any]]) -> tuple[dict[str, Any], ...]:
        """A session's events with the common codes in the place of its own."""
        return tuple(translated(event, self.codes[version]) for event in events)

    def framework(self, newest: Framework) -> Framework:
        """The newest version with only one code left for those that can no longer be told apart."""
        names = self.codes[content_hash(newest)]
        return replace(
            newest,
            streams=tuple(renamed_stream(stream, names) for stream in newest.streams),
            links=tuple(renamed_link(link, names) for link in newest.links),
            formulas=tuple(renamed_formula(formula, names) for formula in newest.formulas),
            constructs=tuple(renamed_construct(construct, names) for construct in newest.constructs),
        )


Names = Mapping[str, str]


def renamed(ids: Iterable[str], names: Names) -> tuple[str, ...]:
    """Ids in other names, each once."""
    return tuple(dict.fromkeys(names.get(each, each) for each in ids))


def renamed_stream(stream: Stream, names: Names) -> Stream:
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
    return replace(stream, codes=tuple(codes.values()), ratings=ratings, fallback=fallback, priority=priority)


def renamed_link(link: Link, names: Names) -> Link:
    """A link between codes in other names."""
    from_codes, to_codes = renamed(link.from_codes, names), renamed(link.to_codes, names)
    return replace(link, from_codes=from_codes, to_codes=to_codes, if_none=names.get(link.if_none, link.if_none))


def renamed_formula(formula: Formula, names: Names) -> Formula:
    """A formula over codes in other names."""
    below = formula.denominator and renamed_term(formula.denominator, names)
    return replace(formula, numerator=renamed_term(formula.numerator, names), denominator=below)


def renamed_term(term: Term, names: Names) -> Term:
    """One side of a formula over codes in other names."""
    codes, without = renamed(term.codes, names), renamed(term.except_codes, names)
    return replace(term, codes=codes, except_codes=without, ratings=renamed(term.ratings, names))


def renamed_construct(construct: Construct, names: Names) -> Construct:
    """A construct whose indicators name codes in other names; of those that became alike the first is kept."""
    indicators: dict[tuple[str, str, tuple[tuple[str, str], ...]], Indicator] = {}
    for each in construct.indicators:
        indicator = replace(each, code=names.get(each.code, each.code), rating=names.get(each.rating, each.rating))
        indicators.setdefault((indicator.code, indicator.rating, indicator.modifiers), indicator)
    return replace(construct, indicators=tuple(indicators.values()))


def suggested_moves(old: Framework, new: Framework) -> tuple[Move, ...]:
    """Renamings that are likely: the id is gone, and one new code has the same label or the same definition."""
    before = {code.id: code for _, code in old.codes()}
    after = {code.id: code for _, code in new.codes()}
    came = [code for code in after.values() if code.id not in before]
    moves = []
    for code in before.values():
        if code.id in after:
            continue
        alike = [each for each in came if each.type is code.type and same_words(each, code)]
        if len(alike) == 1:
            moves.append(Move((code.id,), (alike[0].id,)))
    taken = [move.new for move in moves]
    return tuple(move for move in moves if taken.count(move.new) == 1)


def same_words(one: Code, other: Code) -> bool:
    """Whether two codes are called or defined alike."""
    return one.label == other.label or (bool(one.definition) and one.definition == other.definition)


def check_map(code_map: CodeMap, old: Framework, new: Framework) -> tuple[Finding, ...]:
    """All that is wrong with a map between two versions."""
    return tuple(map_findings(code_map, old, new))


def map_findings(code_map: CodeMap, old: Framework, new: Framework) -> Iterator[Finding]:
    """Each id is known on its side and moved once, and what stands for each other is of one kind."""
    sides = (("old", ids_of(old), OLD_GONE), ("new", ids_of(new), NEW_GONE))
    for side, known, gone in sides:
        moved: set[str] = set()
        for index, move in enumerate(code_map.moves):
            named = getattr(move, side)
            if not named:
                yield EMPTY.at(pointer("moves", index, side))
            for each in named:
                if each not in known:
                    yield gone.at(pointer("moves", index, side), id=each)
                if each in moved:
                    yield TWICE.at(pointer("moves", index, side), id=each)
                moved.add(each)
    for index, move in enumerate(code_map.moves):
        yield from kinds_differ(move, old, new, pointer("moves", index))


def kinds_differ(move: Move, old: Framework, new: Framework, path: str) -> Iterator[Finding]:
    """Points cannot stand for states, nor shares of intervals for shares of time."""
    before = {code.id: (stream, code) for stream, code in old.codes()}
    after = {code.id: (stream, code) for stream, code in new.codes()}
    for one in move.old:
        for other in move.new:
            if one not in before or other not in after:
                continue
            (old_stream, old_code), (new_stream, new_code) = before[one], after[other]
            if old_code.type is not new_code.type:
                types = {"old_type": old_code.type.value, "new_type": new_code.type.value}
                yield TYPE_DIFFERS.at(path, old=one, new=other, **types)
            if old_stream.sampling != new_stream.sampling:
                kinds = {"old_kind": old_stream.sampling.kind.value, "new_kind": new_stream.sampling.kind.value}
                yield SAMPLING_DIFFERS.at(path, old=one, new=other, **kinds)


def ids_of(framework: Framework) -> frozenset[str]:
    """The ids of all codes and ratings."""
    return frozenset([code.id for _, code in framework.codes()] + [rating.id for _, rating in framework.ratings()])


def together(versions: Sequence[Framework], maps: Sequence[CodeMap] = ()) -> Together:
    """The common codes of several versions, oldest first. Codes linked by moves, directly or by way of others, are one."""
    by_hash = {content_hash(version): version for version in versions}
    order = list(by_hash)
    groups = Groups((version, each) for version in order for each in sorted(ids_of(by_hash[version])))
    findings: list[Finding] = []
    for code_map in maps:
        if code_map.old not in by_hash or code_map.new not in by_hash:
            raise KeyError(
                f"the map from {code_map.old} to {code_map.new} is for versions that are not analysed here"
            )
        found = check_map(code_map, by_hash[code_map.old], by_hash[code_map.new])
        findings += found
        for move in code_map.moves:
            groups.join([(code_map.old, each) for each in move.old] + [(code_map.new, each) for each in move.new])
    join_unmoved(groups, order, by_hash, maps)
    names = {member: name_of(group, order) for group in groups.all() for member in group}
    codes = {
        version: {each: names[version, each] for each in sorted(ids_of(by_hash[version]))} for version in order
    }
    return Together(codes, tuple(statement(groups, maps, order)), tuple(only_in_some(codes)), tuple(findings))


def join_unmoved(
    groups: Groups, order: Sequence[str], by_hash: Mapping[str, Framework], maps: Sequence[CodeMap]
) -> None:
    """An id that no move speaks of is the same code in neighbouring versions."""
    for old, new in itertools.pairwise(order):
        moves = [move for each in maps if (each.old, each.new) == (old, new) for move in each.moves]
        gone = {each for move in moves for each in move.old}
        came = {each for move in moves for each in move.new}
        for each in (ids_of(by_hash[old]) - gone) & (ids_of(by_hash[new]) - came):
            groups.join([(old, each), (new, each)])


Member = tuple[str, str]


class Groups:
    """Disjoint groups of (version, code); joining members joins their groups."""

    def __init__(self, members: Iterable[Member]) -> None:
        self.group_of: dict[Member, list[Member]] = {member: [member] for member in members}

    def join(self, members: Sequence[Member]) -> None:
        """Make one group of all groups that these belong to; unknown members are left out."""
        known = [member for member in members if member in self.group_of]
        merged = sorted({each for member in known for each in self.group_of[member]})
        for member in merged:
            self.group_of[member] = merged

    def all(self) -> list[list[Member]]:
        """Each group once."""
        return list({id(group): group for group in self.group_of.values()}.values())


def name_of(group: Sequence[Member], order: Sequence[str]) -> str:
    """The one id that the group has in the newest version where it has only one; else all of them joined."""
    for version in reversed(order):
        ids = sorted(each for home, each in group if home == version)
        if len(ids) == 1:
            return ids[0]
    return "+".join(sorted({each for _, each in group}))


def statement(groups: Groups, maps: Sequence[CodeMap], order: Sequence[str]) -> Iterator[str]:
    """What was done, in sentences that belong beside every joint figure."""
    for code_map in maps:
        for move in code_map.moves:
            yield f"From version {code_map.old[:12]} to {code_map.new[:12]}: {move.in_words()}"
    for group in groups.all():
        name = name_of(group, order)
        for version in order:
            ids = sorted(each for home, each in group if home == version)
            if len(ids) > 1:
                yield f"In version {version[:12]} {', '.join(f'“{each}”' for each in ids)} are analysed as one, “{name}”."


def only_in_some(codes: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    """Common codes that some version could not record: there their absence says nothing."""
    present = [set(names.values()) for names in codes.values()]
    everywhere = set.intersection(*present) if present else set()
    yield from sorted(set().union(*present) - everywhere)


def translated(event: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """One event of the log with its codes and rating in other names; nothing else of it changes."""
    found = dict(event)
    for field in ("code", "rating"):
        if isinstance(found.get(field), str):
            found[field] = names.get(found[field], found[field])
    if isinstance(found.get("set"), Mapping):
        found["set"] = translated(found["set"], names)
    if isinstance(found.get("counts"), list):
        found["counts"] = [
            {**count, "cell": {**count["cell"], "code": names.get(count["cell"]["code"], count["cell"]["code"])}}
            if isinstance(count, Mapping) and "code" in count.get("cell", {})
            else count
            for count in found["counts"]
        ]
    return found
