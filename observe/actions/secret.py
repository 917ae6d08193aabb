"""Passwords, tokens and one-time codes: made, checked and kept so that the database alone gives none of them away."""

from __future__ import annotations

import base64
import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

import pyotp
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from cryptography.fernet import Fernet, InvalidToken

from observe.core.errors import WeakPassword

SHORTEST, LONGEST = 8, 128
ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""letters and digits that cannot be taken for one another when read from a screen"""

hasher = PasswordHasher()
_nobody = hasher.hash(secrets.token_hex(16))


@cache
def common_passwords() -> frozenset[str]:
    """A list of our own, kept beside this file; one a line."""
    path = Path(__file__).with_name("common_passwords.txt")
    return frozenset(path.read_text(encoding="utf-8").split())


def is_common(password: str) -> bool:
    """Also with figures or signs behind it, or repeated: `password2026!` is no better than `password`."""
    words = password.casefold().strip()
    stem = words.rstrip("0123456789!?.*#-_$@ ")
    return words in common_passwords() or stem in common_passwords() or len(set(words)) < 4


def hash_password(password: str, *, not_like: tuple[str, ...] = ()) -> str:
    """Argon2id. Refuses what is short, long, common, or the person's own address or name."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise WeakPassword(f"A password has {SHORTEST} to {LONGEST} characters; this has {len(password)}.")
    if is_common(password):
        raise WeakPassword("This is one of the passwords that are tried first.")
    if password.casefold() in {part.casefold() for like in not_like for part in (like, like.partition("@")[0])}:
        raise WeakPassword("Your own name or address is tried first.")
    return hasher.hash(password)


def fits(password: str, password_hash: str | None) -> bool:
    """Takes as long for somebody who does not exist, so that time does not tell who does."""
    if len(password) > LONGEST:
        password = ""
    try:
        return hasher.verify(password_hash or _nobody, password) and password_hash is not None
    except (VerificationError, InvalidHashError):
        return False


def token() -> str:
    """256 bits that nobody can guess, safe in a URL."""
    return secrets.token_urlsafe(32)


def digest(words: str) -> str:
    """What is kept of a token. Tokens are random, so a plain hash is enough."""
    return hashlib.sha256(words.encode()).hexdigest()


def code(groups: int = 2) -> str:
    """A code that is read and typed: groups of four with hyphens between."""
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(4)) for _ in range(groups))


def tidy_code(words: str) -> str:
    """A typed code as it was made, whatever the case and the spaces."""
    plain = "".join(letter for letter in words.upper() if letter.isalnum())
    return "-".join(plain[at : at + 4] for at in range(0, len(plain), 4))


def password_once() -> str:
    """A first password that is printed once."""
    return code(4)


@dataclass(frozen=True, slots=True)
class Seal:
    """Encrypts with a key that follows from the server's secret key; without that key nothing can be opened again."""

    key: str

    def _box(self) -> Fernet:
        derived = hashlib.sha256(b"observe sealed values\0" + self.key.encode()).digest()
        return Fernet(base64.urlsafe_b64encode(derived))

    def close(self, words: str) -> str:
        return self._box().encrypt(words.encode()).decode()

    def open(self, sealed: str) -> str | None:
        """None when it was sealed with another key."""
        try:
            return self._box().decrypt(sealed.encode()).decode()
        except InvalidToken:
            return None


def step_of(one_time: str, secret: str, *, after: int, now: datetime) -> int | None:
    """The time step that this code belongs to, if it is the last, this or the next one and later than `after`."""
    totp = pyotp.TOTP(secret)
    current = int(now.timestamp()) // totp.interval
    given = one_time.replace(" ", "")
    for step in (current - 1, current, current + 1):
        if step > after and secrets.compare_digest(totp.generate_otp(step), given):
            return step
    return None
