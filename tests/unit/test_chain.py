"""The audit trail's chain: what changed, went or moved is named."""

from __future__ import annotations

from dataclasses import replace

import pytest

from observe.core.chain import GENESIS, Link, faults, hash_of


def chained(count: int) -> list[Link]:
    """A chain of so many entries that holds."""
    links: list[Link] = []
    for number in range(1, count + 1):
        link = Link(
            number, "2026-03-04T09:00:00.000000+00:00", "person:1", "subject.manage", 1, f"subject:{number}", "{}",
            links[-1].hash if links else GENESIS, "",
        )  # fmt: skip
        links.append(replace(link, hash=hash_of(link)))
    return links


def told(links, head=None):
    return [fault.sentence for fault in faults(links, head=head)]


def test_a_chain_that_nobody_touched_holds():
    links = chained(5)

    assert told(links) == []
    assert told(links, head=(5, links[4].hash)) == []
    assert told(chained(7), head=(5, links[4].hash)) == []


@pytest.mark.parametrize(
    "change", [{"actor": "person:2"}, {"action": "study.see"}, {"at": "2026-03-04T09:00:01.000000+00:00"}, {"about": "subject:9"},
               {"details": '{"a":1}'}, {"study": 2}, {"study": None}],
)  # fmt: skip
def test_a_changed_entry_is_named(change):
    links = chained(3)
    links[1] = replace(links[1], **change)

    assert told(links) == ["Entry 2 was changed after it was written."]


def test_a_changed_entry_with_a_hash_made_to_fit_breaks_the_next():
    links = chained(3)
    forged = replace(links[1], actor="person:2")
    links[1] = replace(forged, hash=hash_of(forged))

    assert told(links) == ["Entry 3 does not carry on from the entry before it."]


def test_a_removed_entry_is_named():
    links = chained(3)

    assert told([links[0], links[2]]) == [
        "Entry 3 follows entry 1: entries are missing or out of order.",
        "Entry 3 does not carry on from the entry before it.",
    ]


def test_entries_in_another_order_are_named():
    links = chained(3)

    assert [fault.number for fault in faults([links[0], links[2], links[1]])] == [3, 3, 2, 2]


def test_a_trail_that_was_cut_off_is_shown_by_a_head_exported_before():
    links = chained(5)

    assert told(links[:3]) == []
    assert told(links[:3], head=(5, links[4].hash)) == [
        "The trail ends at entry 3, before the exported head 5: it was cut off."
    ]


def test_a_whole_chain_written_anew_is_shown_by_a_head_exported_before():
    links = chained(2)
    forged = replace(links[1], actor="person:2")

    assert told([links[0], replace(forged, hash=hash_of(forged))], head=(2, links[1].hash)) == [
        "Entry 2 is not the one that was exported as the head."
    ]


def test_parts_cannot_be_shifted_from_one_field_into_the_next():
    first = Link(1, "t", "person:1", "a", 1, "b", "{}", GENESIS, "")

    assert hash_of(first) != hash_of(replace(first, actor="person:", action="1a"))
