"""What became of the codes of one version in the next, as somebody states it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from frameworks.findings import Finding, error, pointer, warning
from frameworks.model import Code, Framework

OLD_GONE = error(
    "map.unknown-old", "“{id}” is not a code or rating of the older version.", "Use an id of the older version."
)
NEW_GONE = error(
    "map.unknown-new", "“{id}” is not a code or rating of the newer version.", "Use an id of the newer version."
)
EMPTY = error("map.empty-move", "A move names no code of the older version.", "Name the code that it speaks of.")
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
    """Codes of an older version and the codes of the newer one that stand for the same behaviour.

    Without `new` it says that what was recorded then is recorded no more, also where the newer version uses the id.
    """

    old: tuple[str, ...]
    new: tuple[str, ...]
    reason: str = ""

    @property
    def kind(self) -> str:
        """renamed, merged, split, regrouped or ended."""
        if not self.new:
            return "ended"
        if len(self.old) == 1:
            return "renamed" if len(self.new) == 1 else "split"
        return "merged" if len(self.new) == 1 else "regrouped"

    def in_words(self) -> str:
        """The move as a sentence that can stand in a report."""
        old, new = " and ".join(f"“{each}”" for each in self.old), " and ".join(f"“{each}”" for each in self.new)
        if not self.new:
            verb = "has" if len(self.old) == 1 else "have"
            return f"{old} {verb} no successor" + (f" ({self.reason})." if self.reason else ".")
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
            if not named and side == "old":
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
