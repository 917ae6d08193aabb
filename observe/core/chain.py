"""The audit trail's chain: each entry carries a hash over itself and over the entry before it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

GENESIS = "0" * 64
"""what the first entry names as its predecessor"""


@dataclass(frozen=True, slots=True)
class Link:
    """One entry as it is hashed. `number` counts from 1 without a gap; `at` is ISO 8601 in UTC."""

    number: int
    at: str
    actor: str
    action: str
    study: int | None
    about: str
    details: str
    previous: str
    hash: str


@dataclass(frozen=True, slots=True)
class Fault:
    """Where the chain does not hold, and what that shows."""

    number: int
    sentence: str


def hash_of(link: Link) -> str:
    """SHA-256 over everything in the entry but its own hash, as a JSON list: no two entries read alike."""
    parts = [link.number, link.at, link.actor, link.action, link.study, link.about, link.details, link.previous]
    text = json.dumps(parts, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def faults(links: Iterable[Link], *, head: tuple[int, str] | None = None) -> Iterator[Fault]:
    """Every entry that was changed, removed or moved. With an exported head, also a trail that was cut off."""
    number, previous, seen = 0, GENESIS, head is None
    for link in links:
        if link.number != number + 1:
            yield Fault(
                link.number, f"Entry {link.number} follows entry {number}: entries are missing or out of order."
            )
        if link.previous != previous:
            yield Fault(link.number, f"Entry {link.number} does not carry on from the entry before it.")
        if hash_of(link) != link.hash:
            yield Fault(link.number, f"Entry {link.number} was changed after it was written.")
        if head and link.number == head[0]:
            seen = True
            if link.hash != head[1]:
                yield Fault(link.number, f"Entry {link.number} is not the one that was exported as the head.")
        number, previous = link.number, link.hash
    if head and not seen:
        yield Fault(
            head[0], f"The trail ends at entry {number}, before the exported head {head[0]}: it was cut off."
        )
