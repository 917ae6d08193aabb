"""Patterns over sessions of several framework versions that a stated map joins."""

from __future__ import annotations

import copy
import hashlib
import json
import re

import pytest

from frameworks.codemaps import Move
from observe.actions import codemaps, inferred
from observe.actions import patterns as actions
from observe.store import frameworks, patterns
from observe.store.base import writing
from tests.factories.inferred import document, watched

HOME = "/studies/lectures/patterns/"


def text(reply) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", reply.get_data(as_text=True)))


@pytest.fixture
def play(db, cast, clock):
    return watched(db, cast, clock())


def second(db, play, became: dict[str, tuple[str, ...]]) -> str:
    """Version 2, in which codes have become others, all with the same words; its hash."""
    words = copy.deepcopy(document())
    for holder, name in ((words["streams"][0], "codes"), (words["constructs"][0], "indicators")):
        key = "id" if name == "codes" else "code"
        holder[name] = [one | {key: new} for one in holder[name] for new in became.get(one[key], (one[key],))]
    first = frameworks.version_by_hash(db, play.cast.study.id, play.framework)
    plain = json.dumps(words)
    mark = hashlib.sha256(plain.encode()).hexdigest()
    with writing(db):
        db.add(
            frameworks.FrameworkVersion(
                study_id=play.cast.study.id, framework_id=first.framework_id, number=2, hash=mark, title="Play",
                document=plain, state="open", published_at=play.now,
            )
        )  # fmt: skip
    return mark


def say(db, play, *moves: Move) -> None:
    sadia, study = db.merge(play.cast.sadia), db.merge(play.cast.study)
    codemaps.state(db, sadia, study, "play", 1, 2, moves, now=play.now)


RENAMED = Move(("helps",), ("assists",), "a clearer word")
SPLIT = Move(("helps",), ("helps-asked", "helps-unasked"), "asked or not differs")


def test_renamed_codes_are_read_under_the_new_id_and_say_what_they_said(client, cast, db, play):
    before = play.run()
    newer = second(db, play, {"helps": ("assists",)})
    with pytest.raises(actions.NothingToRead):
        play.run(play.plan(framework=newer))

    say(db, play, RENAMED)
    after = play.run(play.plan(framework=newer))
    old, new = play.finding(before, "Ash"), play.finding(after, "Ash")
    named = [
        {one["indicator"]: one["observed"] for one in row.body["evidence"]["items"] if one["session"] == session}
        for session in [old.body["evidence"]["items"][0]["session"]]
        for row in (old, new)
    ]
    head = patterns.head_of(db, after.id)
    page = text(client.as_(cast.rhys).get(f"{HOME}runs/{after.number}"))

    assert after.sessions == before.sessions == 8
    assert new.status == old.status == "pattern"
    assert new.body["estimate"]["mean"] == pytest.approx(old.body["estimate"]["mean"], abs=1e-9)
    assert named[1] == {("assists" if name == "helps" else name): seen for name, seen in named[0].items()}
    assert head["post_hoc"] == {}
    assert head["reading"]["statement"] == [
        "From version 1 to 2: “helps” was renamed to “assists” (a clearer word)."
    ]
    assert head["reading"]["map"] in page
    assert "Sessions of version 1 are read in the codes of version 2" in page
    assert "a clearer word" in page


def test_what_became_several_is_left_out_with_the_reason_and_the_rest_is_read(client, cast, db, play):
    newer = second(db, play, {"helps": ("helps-asked", "helps-unasked")})
    say(db, play, SPLIT)
    run = play.run(play.plan(framework=newer))
    head = patterns.head_of(db, run.id)
    found = {one["indicator"] for one in play.finding(run, "Ash").body["evidence"]["items"]}

    assert found == {"shares", "greets", "grabs", "pushes"}
    assert {one for one in head["left_out"] if "helps" in one} == {
        "helps-asked: sessions of version 1 cannot tell it from “helps-unasked”, and are left out for it",
        "helps-unasked: sessions of version 1 cannot tell it from “helps-asked”, and are left out for it",
    }
    assert "cannot tell it from" in text(client.as_(cast.rhys).get(f"{HOME}runs/{run.number}"))


def test_codes_that_became_one_count_together(db, play):
    newer = second(db, play, {"helps": ("gives",), "shares": ()})
    plain = [one for one in play.finding(play.run(), "Ash").body["evidence"]["items"] if one["side"] != "peers"]
    say(db, play, Move(("helps", "shares"), ("gives",), "one thing"))
    items = play.finding(play.run(play.plan(framework=newer)), "Ash").body["evidence"]["items"]

    assert sum(one["observed"] for one in items if one["indicator"] == "gives") == sum(
        one["observed"] for one in plain if one["indicator"] in {"helps", "shares"}
    )


def test_another_map_is_another_run_even_where_it_says_the_same_of_every_code(db, play):
    newer = second(db, play, {"helps": ("assists",)})
    say(db, play, RENAMED)
    plan = play.plan(framework=newer)
    first = play.run(plan)
    say(db, play, Move(("helps",), ("assists",), "another reason"))
    again = play.run(plan)

    assert first.data_hash != again.data_hash
    assert first.hash != again.hash
    assert [first.number, again.number] == [1, 2]


def test_a_plan_of_one_version_alone_reads_no_map(db, play):
    newer = second(db, play, {"helps": ("assists",)})
    say(db, play, RENAMED)

    with pytest.raises(actions.NothingToRead):
        play.run(play.plan(framework=newer, together=False))


def test_the_export_names_the_map_that_a_run_was_read_by(db, cast, play):
    alone = play.run()
    newer = second(db, play, {"helps": ("assists",)})
    say(db, play, RENAMED)
    joined = play.run(play.plan(framework=newer))
    sadia, study = db.merge(cast.sadia), db.merge(cast.study)
    [mark] = {one.map for one in inferred.take(db, sadia, study, what="patterns", now=play.now)}

    assert mark == patterns.head_of(db, joined.id)["reading"]["map"]
    assert patterns.head_of(db, alone.id)["reading"] is None
