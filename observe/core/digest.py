"""What proves that two copies of a log are the same: a hash over the hashes of the events, as they were sent."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable


def of_event(text: bytes) -> bytes:
    """The 32 bytes of SHA-256 over an event's JSON text, exactly as the tablet wrote it."""
    return hashlib.sha256(text).digest()


def of_log(digests: Iterable[bytes]) -> str:
    """SHA-256, as hex, over the events' own digests in the order of `seq`; of an empty log, that of no bytes."""
    return hashlib.sha256(b"".join(digests)).hexdigest()
