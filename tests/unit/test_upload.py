"""Reading uploads: the quick way and the thorough way of judging an event agree."""

from __future__ import annotations

import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw

from observe.core import digest, upload
from observe.core.coding import events
from tests.factories.uploads import envelope, event, some_id

ANY = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**60), 2**60), st.floats(allow_nan=False, allow_infinity=False),
    st.text(st.characters(exclude_categories=("Cs",)), max_size=30), st.lists(st.integers(), max_size=3),
    st.dictionaries(st.text(st.characters(exclude_categories=("Cs",)), max_size=5), st.integers() | st.text(max_size=3), max_size=3),
)  # fmt: skip
FIELDS = (
    "id", "seq", "at", "kind", "mono", "wall", "offset", "zone", "boot", "tapped", "code", "subject", "target", "stream",
    "rating", "answer", "state", "interval", "sample", "count", "ref", "text", "reason", "outside", "modifiers", "counts",
    "value", "set", "details", "new",
)  # fmt: skip


@given(st.sampled_from([*events.NEEDED, "newer"]), st.dictionaries(st.sampled_from(FIELDS), ANY, max_size=4))
def test_the_quick_judgement_of_an_event_is_that_of_the_thorough_one(kind, spoiled):
    row = {**event(some_id("s"), 3, kind, 10), **spoiled}
    text = json.dumps(row).encode()

    try:
        thorough = isinstance(events.parse(json.loads(text)), events.Event)
    except (ValueError, RecursionError):
        thorough = False

    assert upload.event_of(Raw(text)).sound == thorough


def test_the_digest_is_over_the_text_as_it_was_sent_and_not_as_it_could_be_written():
    text = b'{ "id" : "%s", "seq":1,"at":0, "kind":"open"}' % some_id("x").encode()

    taken = upload.event_of(Raw(text))

    assert taken.digest == hashlib.sha256(text).digest()
    assert digest.of_log([taken.digest]) == hashlib.sha256(taken.digest).hexdigest()
    assert digest.of_log([]) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_more_than_a_thousand_events_in_all_are_refused_however_they_are_spread():
    rows = [event(some_id("s"), k + 1, "open", 0) for k in range(501)]
    body = json.dumps(envelope(({}, rows), ({}, rows))).encode()

    with pytest.raises(upload.NotAnUpload, match="more than 1000 events"):
        upload.read(body)


@pytest.mark.parametrize("reason", upload.Why)
def test_every_reason_has_a_sentence(reason):
    assert upload.SENTENCE_OF[reason].endswith(".")
