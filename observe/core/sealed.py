"""What the server can see of a sealed key of pseudonyms: that it is sealed. It never sees what is inside.

A sealed thing is base64 of a nonce of 12 bytes, ciphertext and a tag of 16 bytes (AES-256-GCM). What is sealed was filled
up to a multiple of 256 bytes before, so that lengths tell nothing of names; plain words do not have that shape.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from typing import Any

from observe.core.errors import Malformed

NONCE, TAG, BLOCK = 12, 16, 256
MOST_BYTES = 16 * BLOCK
DERIVATION = "PBKDF2-SHA-256"
FEWEST_ROUNDS, MOST_ROUNDS = 600_000, 10_000_000
SALT = 16
DATA_KEY = 32


class NotSealed(Malformed):
    """Something came to be kept in the key that is not encrypted as the page encrypts it. Nothing was kept."""

    code = "key.not_sealed"
    sentence = "This is not sealed as the key's page seals it; nothing was kept."
    remedy = "Reload the page and try again."


@dataclass(frozen=True, slots=True)
class Lock:
    """How the passphrase becomes a key, and the data key locked with that; all of it may be known to anybody."""

    derivation: str
    rounds: int
    salt: str
    data_key: str

    def as_json(self) -> dict[str, Any]:
        return {
            "derivation": self.derivation,
            "rounds": self.rounds,
            "salt": self.salt,
            "data_key": self.data_key,
        }


def lock_of(sent: object) -> Lock:
    """A lock with a derivation that is strong enough, or NotSealed."""
    if not isinstance(sent, dict) or set(sent) != {"derivation", "rounds", "salt", "data_key"}:
        raise NotSealed
    rounds, salt, data_key = sent["rounds"], sent["salt"], sent["data_key"]
    is_number = isinstance(rounds, int) and not isinstance(rounds, bool)
    if sent["derivation"] != DERIVATION or not is_number or not FEWEST_ROUNDS <= rounds <= MOST_ROUNDS:
        raise NotSealed
    if len(_bytes(salt)) != SALT or len(_bytes(data_key)) != NONCE + DATA_KEY + TAG:
        raise NotSealed
    return Lock(DERIVATION, rounds, salt, data_key)


def entry_of(sent: object) -> str:
    """A sealed entry as it came, or NotSealed."""
    inside = len(_bytes(sent)) - NONCE - TAG
    if inside <= 0 or inside % BLOCK or inside > MOST_BYTES:
        raise NotSealed
    assert isinstance(sent, str)
    return sent


def entries_of(sent: object) -> dict[str, str]:
    """Sealed entries by subject, or NotSealed."""
    if not isinstance(sent, dict) or not all(isinstance(subject, str) for subject in sent):
        raise NotSealed
    return {subject: entry_of(one) for subject, one in sent.items()}


def _bytes(sent: object) -> bytes:
    if not isinstance(sent, str) or len(sent) > 2 * MOST_BYTES:
        raise NotSealed
    try:
        return base64.b64decode(sent, validate=True)
    except (binascii.Error, ValueError) as problem:
        raise NotSealed from problem
