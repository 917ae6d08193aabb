"""The body of a request as it was sent: its kind, its size and its digest judged before anything is read in it."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import zlib

from flask import Request

from observe.core.errors import Malformed, TooLarge, WrongKind
from observe.core.upload import MAX_BYTES, Mangled


def json_body(request: Request, *, needs_digest: bool) -> bytes:
    """The JSON text of a request, unpacked, at most 1 MiB of it; memory stays bounded whatever was sent."""
    if request.mimetype != "application/json":
        raise WrongKind
    sent = as_sent(request)
    if needs_digest or "Content-Digest" in request.headers:
        check_digest(request.headers.get("Content-Digest", ""), sent)
    body = unpacked(sent, request.headers.get("Content-Encoding", "identity").strip().lower())
    if not body:
        raise Malformed("The request has no body.")
    return body


def raw_body(request: Request, *, most: int) -> bytes:
    """The bytes of a picture or a sound, which have to come with their digest."""
    sent = as_sent(request, most)
    check_digest(request.headers.get("Content-Digest", ""), sent)
    if not sent:
        raise Malformed("The request has no body.")
    return sent


def as_sent(request: Request, most: int = MAX_BYTES) -> bytes:
    """The bytes on the wire. One more than allowed is enough to know that there are too many."""
    if request.content_length is not None and request.content_length > most:
        raise TooLarge
    sent = request.stream.read(most + 1)
    if len(sent) > most:
        raise TooLarge
    return sent


def check_digest(field: str, sent: bytes) -> None:
    """RFC 9530: of several algorithms only SHA-256 is looked at, and it has to be there."""
    for member in field.split(","):
        name, _, value = member.strip().partition("=")
        if name.strip().lower() == "sha-256":
            if hmac.compare_digest(decoded(value), hashlib.sha256(sent).digest()):
                return
            raise Mangled("The request's body is not the one that its Content-Digest was made of.")
    raise Mangled("The request has no Content-Digest with SHA-256.")


def decoded(value: str) -> bytes:
    """The bytes of a structured field's byte sequence, `:base64:`; none where it is not one."""
    value = value.strip()
    if len(value) < 2 or not (value.startswith(":") and value.endswith(":")):
        return b""
    try:
        return base64.b64decode(value[1:-1], validate=True)
    except (binascii.Error, ValueError):
        return b""


def unpacked(sent: bytes, encoding: str) -> bytes:
    """Gunzipped up to the limit and not a byte further, so that a small bomb stays small."""
    if encoding in {"", "identity"}:
        return sent
    if encoding != "gzip":
        raise WrongKind("The body's Content-Encoding is not gzip.")
    unpacker = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        body = unpacker.decompress(sent, MAX_BYTES + 1)
    except zlib.error as problem:
        raise Mangled("The body is not what gzip made.") from problem
    if len(body) > MAX_BYTES or unpacker.unconsumed_tail:
        raise TooLarge
    if not unpacker.eof or unpacker.unused_data:
        raise Mangled("The gzipped body is cut off, or has something after its end.")
    return body
