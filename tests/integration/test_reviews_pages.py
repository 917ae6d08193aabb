"""Two people read a pattern, neither knowing of the other; whoever is spoken of is heard; nothing is ever taken away."""

from __future__ import annotations

import csv
import io
import json
import re
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DatabaseError

from observe.actions import reviews as actions
from observe.actions.waiting import waiting_for
from observe.core.access import Role
from observe.core.reviews import Decision, ReviewIsNotAcceptable, RivalWeighed, Weighing
from observe.store import patterns, reviews, studies
from observe.store.base import writing
from tests.factories.inferred import watched

HOME = "/studies/lectures/patterns/"
SECRET = "Zebras crossed at noon"
"""words that nobody may read before their own decision"""


def text(reply) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", reply.get_data(as_text=True)))


@pytest.fixture
def settings() -> dict[str, Any]:
    """What is printed is printed at once."""
    return {"QUEUE": "inline"}


@pytest.fixture
def play(db, cast, clock):
    return watched(db, cast, clock())


@pytest.fixture
def ash(play):
    return play.finding(play.run(), "Ash")


def form(finding, decision="endorse", *, reason="It holds.", weigh=True, cite=True) -> dict[str, object]:
    item = finding.body["evidence"]["items"][0]
    given = {"decision": decision, "reason": reason, "confidence": "70"}
    if weigh:
        given |= {"rival-play-leader-weighing": "ruled-out", "rival-play-leader-because": "No grown-up was near."}
    return given | ({"cited": f"{top(finding)['session']}/{top(finding)['indicator']}"} if cite and item else {})


def kept(db, cast):
    """Every reading as it stands now."""
    db.rollback()
    return reviews.of_study(db, cast.study.id)


def top(finding):
    """The weightiest observation."""
    return max(finding.body["evidence"]["items"], key=lambda one: abs(one["contribution"]))


def give(client, who, finding, **more):
    return client.as_(who).post(f"{HOME}{finding.id}/review", data=form(finding, **more))


EVERYWHERE = ("{id}", "{id}.json", "{id}.pdf", "reviews", "", "runs/1", "runs/1.json")


def everything(client, who, finding) -> str:
    """All that somebody can read of it, by any route."""
    browser, words = client.as_(who), []
    for path in EVERYWHERE:
        reply = browser.get(HOME + path.format(id=finding.id))
        if path.endswith(".pdf"):
            pypdf = pytest.importorskip("pypdf")
            words.append(" ".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(reply.data)).pages))
        else:
            words.append(reply.get_data(as_text=True))
    for name in ("reviews", "patterns"):
        words.append(browser.get(f"/studies/lectures/exports/{name}.csv").get_data(as_text=True))
    words.append(browser.get("/studies/lectures/audit/").get_data(as_text=True))
    return re.sub(r"\s+", " ", " ".join(words))


def test_nobody_reads_the_other_reading_by_any_route_before_their_own(client, cast, ash):
    assert give(client, cast.rhys, ash, decision="dispute", reason=SECRET).status_code == 303

    for who in (cast.sadia, cast.anya):
        seen = everything(client, who, ash)
        assert SECRET not in seen
        assert "disputes it" not in seen
        assert '"decision": "dispute"' not in seen
        assert not re.search(r'tag--caution">disputed', seen)
    assert SECRET in everything(client, cast.rhys, ash)


def test_the_export_of_the_dataset_holds_no_closed_reading(client, cast, ash):
    give(client, cast.rhys, ash, reason=SECRET)
    data = client.as_(cast.sadia).get("/studies/lectures/exports/dataset.zip").data

    import zipfile

    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        whole = b" ".join(archive.read(name) for name in archive.namelist()).decode()
        table = archive.read("reviews.csv").decode()
        standing = {row["standing"] for row in csv.DictReader(io.StringIO(archive.read("patterns.csv").decode()))}
    assert SECRET not in whole
    assert len(table.splitlines()) == 1
    assert standing == {"proposed", "hidden"}


def test_both_are_open_once_both_are_in(client, cast, ash):
    give(client, cast.rhys, ash, reason=SECRET)
    give(client, cast.sadia, ash, reason="Seen alike.")

    for who in (cast.rhys, cast.sadia, cast.anya):
        page = text(client.as_(who).get(f"{HOME}{ash.id}"))
        assert SECRET in page
        assert "Seen alike." in page
        assert "endorsed" in page


def test_abstaining_opens_nothing(client, cast, ash):
    give(client, cast.rhys, ash, reason=SECRET)
    give(client, cast.sadia, ash, decision="abstain", reason="I know the family.", weigh=False, cite=False)

    assert SECRET not in everything(client, cast.sadia, ash)


def test_both_were_blind_and_a_third_who_could_read_them_is_not(client, cast, db, clock, ash):
    with writing(db):
        studies.set_roles(db, cast.study.id, cast.olga.id, frozenset({Role.OBSERVER, Role.REVIEWER}), now=clock())
    for who in (cast.rhys, cast.sadia, cast.olga):
        give(client, who, ash)

    found = kept(db, cast)
    assert {one.reviewer: one.blind for one in found} == {
        str(cast.rhys.id): True,
        str(cast.sadia.id): True,
        str(cast.olga.id): False,
    }


def test_dissent_stands_beside_the_finding_on_page_paper_and_export(client, cast, ash):
    give(client, cast.rhys, ash)
    give(client, cast.sadia, ash, decision="dispute", reason=SECRET)

    page = text(client.as_(cast.anya).get(f"{HOME}{ash.id}"))
    assert page.index(SECRET) < page.index("How strong, how sure")
    seen = everything(client, cast.anya, ash)
    assert seen.count(SECRET) >= 4  # twice on the page, on paper, in JSON, in the table
    rows = list(
        csv.DictReader(
            io.StringIO(client.as_(cast.anya).get("/studies/lectures/exports/patterns.csv").get_data(as_text=True))
        )
    )
    assert [row["dissent"] for row in rows if row["inference"] == ash.hash] == ["1"]


@pytest.mark.parametrize(
    ("missing", "words"),
    [({"weigh": False}, "Weigh at least one other explanation"), ({"cite": False}, "Cite at least one observation"),
     ({"reason": ""}, "This is needed.")],
)  # fmt: skip
def test_an_endorsement_lacks_nothing(client, cast, db, ash, missing, words):
    reply = give(client, cast.rhys, ash, **missing)

    assert reply.status_code == 422
    assert words in text(reply)
    assert kept(db, cast) == []


def test_a_pattern_whose_rival_is_likelier_is_not_endorsed(client, cast, ash):
    given = form(ash) | {"rival-situation-weighing": "likelier", "rival-situation-because": "The yard is small."}
    reply = client.as_(cast.rhys).post(f"{HOME}{ash.id}/review", data=given)

    assert "A pattern whose rival is likelier cannot be endorsed." in text(reply)


def test_where_nothing_is_claimed_there_is_nothing_to_endorse(client, cast, play, ash):
    bay = play.finding(patterns.runs_of(play.db, cast.study.id)[0], "Bay")
    reply = give(client, cast.rhys, bay)

    assert "The run claims no pattern here" in text(reply)


def test_a_change_of_mind_is_kept_beside_what_it_takes_back(client, cast, db, clock, ash):
    give(client, cast.rhys, ash, reason="At first it held.")
    clock.forward(minutes=5)
    give(client, cast.rhys, ash, decision="dispute", reason="Then I saw the yard.")

    first, second = kept(db, cast)
    assert second.supersedes == first.id
    page = text(client.as_(cast.rhys).get(f"{HOME}{ash.id}"))
    assert "At first it held." in page
    assert "Then I saw the yard." in page


def test_a_new_run_makes_reviews_stale_and_says_so(client, cast, play, ash):
    give(client, cast.rhys, ash)
    give(client, cast.sadia, ash)
    play.sessions(1)
    newer = play.finding(play.run(), "Ash")

    page = text(client.as_(cast.rhys).get(f"{HOME}{newer.id}"))
    assert "read before, on an earlier run" in page
    assert "endorsed" not in page
    assert "Of other runs, and stale here (2)" in page
    assert "are stale" in text(client.as_(cast.rhys).get(f"{HOME}{ash.id}"))


def test_what_an_older_run_says_cannot_be_reviewed_any_more(client, cast, db, play, ash):
    play.sessions(1)
    play.run()
    reply = give(client, cast.rhys, ash)

    assert reply.status_code == 422
    assert kept(db, cast) == []


def test_no_review_changes_a_figure(client, cast, db, play, ash):
    before = patterns.finding(db, cast.study.id, ash.id)
    give(client, cast.rhys, ash, decision="dispute")
    client.as_(cast.rhys).post(f"{HOME}{ash.id}/proposal", data={"propose-words": "Let grabs count less."})
    db.rollback()

    assert patterns.finding(db, cast.study.id, ash.id) == before
    assert len(patterns.runs_of(db, cast.study.id)) == 1


def test_a_proposal_is_linked_to_its_framework_and_shown_on_the_desk(client, cast, db, ash):
    client.as_(cast.rhys).post(f"{HOME}{ash.id}/proposal", data={"propose-words": "Let grabs count less."})

    db.rollback()
    [one] = reviews.proposals_of(db, cast.study.id)
    assert one.finding_id == ash.id
    desk = text(client.as_(cast.sadia).get(f"{HOME}reviews"))
    assert "play : Let grabs count less. Rhys" in desk


class TestTheOtherSide:
    def test_somebody_asked_to_dissent_holds_an_endorsement_back(self, client, cast, db, clock, ash):
        with writing(db):
            studies.set_roles(db, cast.study.id, cast.olga.id, frozenset({Role.REVIEWER}), now=clock())
        client.as_(cast.sadia).post(f"{HOME}{ash.id}/dissent", data={"ask-whom": str(cast.olga.id)})
        give(client, cast.rhys, ash)
        give(client, cast.sadia, ash)

        assert "waits for the other side" in text(client.as_(cast.anya).get(f"{HOME}{ash.id}"))
        assert "you are asked to argue the other side" in text(client.as_(cast.olga).get(f"{HOME}reviews"))
        refused = give(client, cast.olga, ash)
        assert "argues against, or abstains" in text(refused)
        give(client, cast.olga, ash, decision="more-evidence", reason="The yard was full.")
        page = text(client.as_(cast.anya).get(f"{HOME}{ash.id}"))
        assert "asked to argue the other side" in page
        assert "The yard was full." in page

    @pytest.mark.parametrize("whom", ["owen", "nemo"])
    def test_only_a_reviewer_of_the_study_can_be_asked(self, db, cast, clock, ash, whom):
        study, sadia = db.merge(cast.study), db.merge(cast.sadia)
        with pytest.raises(actions.CannotDissent):
            actions.ask_dissent(db, sadia, study, ash.id, getattr(cast, whom).id, now=clock())


def test_the_observed_person_is_heard_before_anyone_decides_and_a_contest_keeps_it_disputed(
    client, cast, clock, ash
):
    client.as_(cast.sadia).post(
        f"{HOME}{ash.id}/reply", data={"reply-decision": "dispute", "reply-reason": "I was told to share."}
    )
    before = text(client.as_(cast.rhys).get(f"{HOME}{ash.id}"))
    clock.forward(minutes=5)
    give(client, cast.rhys, ash)
    between = text(client.as_(cast.rhys).get(f"{HOME}{ash.id}"))
    give(client, cast.sadia, ash)
    after = text(client.as_(cast.rhys).get(f"{HOME}{ash.id}"))

    voices, readings = before.split("How strong, how sure")[0], before.split("How would anyone know?")[1]
    assert voices.count("I was told to share.") == readings.count("I was told to share.") == 1
    assert "disputed" in before
    assert "disputed" in between
    assert "endorsed" in after
    assert "I was told to share." in after


@pytest.mark.parametrize(
    ("who", "review", "reply"),
    [("owen", 403, 403), ("anya", 403, 403), ("rhys", 303, 403), ("sadia", 303, 303), ("nemo", 404, 404)],
)
def test_who_may_review_and_who_may_put_down_a_reply(client, cast, ash, who, review, reply):
    browser = client.as_(getattr(cast, who))

    assert browser.post(f"{HOME}{ash.id}/review", data=form(ash)).status_code == review
    assert browser.post(f"{HOME}{ash.id}/proposal", data={"propose-words": "More."}).status_code == review
    given = {"reply-decision": "abstain", "reply-reason": "No words."}
    assert browser.post(f"{HOME}{ash.id}/reply", data=given).status_code == reply


def test_every_reading_stands_in_the_trail_without_its_decision(client, cast, db, ash):
    give(client, cast.rhys, ash, reason=SECRET)
    db.rollback()
    row = db.execute(sa.text("SELECT actor, about, details FROM audit WHERE action = 'pattern.review'")).one()

    assert row.actor == f"person:{cast.rhys.id}"
    assert row.about.startswith("review:")
    assert json.loads(row.details) == {"finding": ash.id, "inference": ash.hash, "part": "reviewer"}


def test_the_database_lets_nobody_change_or_delete_a_reading(client, cast, db, ash):
    give(client, cast.rhys, ash)
    db.rollback()
    for statement in ("UPDATE pattern_reviews SET decision = 'endorse'", "DELETE FROM pattern_reviews"):
        with pytest.raises(DatabaseError, match="only ever added to"):
            db.execute(sa.text(statement))
        db.rollback()


def test_readers_agreement_is_told_once_both_have_read(client, cast, ash):
    give(client, cast.rhys, ash)
    before = text(client.as_(cast.anya).get(f"{HOME}reviews"))
    give(client, cast.sadia, ash)
    after = text(client.as_(cast.anya).get(f"{HOME}reviews"))

    assert "No pattern was read by two yet" in before
    assert "On 1 pattern that two read: 100 % the same" in after


def test_where_nothing_is_claimed_nothing_is_called_proposed_and_whoever_has_read_changes_their_mind(
    client, cast, play, ash
):
    bay = play.finding(patterns.runs_of(play.db, cast.study.id)[0], "Bay")
    unclaimed = text(client.as_(cast.rhys).get(f"{HOME}{bay.id}"))
    before = text(client.as_(cast.rhys).get(f"{HOME}{ash.id}"))
    give(client, cast.rhys, ash)
    after = text(client.as_(cast.rhys).get(f"{HOME}{ash.id}"))

    assert "proposed" not in unclaimed
    assert "Nothing is claimed here, so there is nothing to endorse" in unclaimed
    assert "Your reading" in before and "Give another reading" not in before
    assert "Give another reading, in the place of yours" in after and "Your reading" not in after


def test_the_desk_says_what_waits_and_what_does_not(client, cast, ash):
    before = text(client.as_(cast.rhys).get(f"{HOME}reviews"))
    give(client, cast.rhys, ash)
    after = text(client.as_(cast.rhys).get(f"{HOME}reviews"))

    assert "Ash" in before.split("Waiting for you")[1]
    assert "Nothing waits for you" in after
    assert "waits for another reading" in after.split("Waiting for others")[1]
    assert "Decided" not in after


def test_what_two_have_read_waits_for_nobody(client, cast, db, clock, ash):
    for who in (cast.rhys, cast.sadia):
        give(client, who, ash)
    with writing(db):
        studies.set_roles(db, cast.study.id, cast.olga.id, frozenset({Role.REVIEWER}), now=clock())

    desk = text(client.as_(cast.olga).get(f"{HOME}reviews"))

    assert "Nothing waits for you" in desk
    assert "Ash" in desk.split("Decided")[1]
    assert waiting_for(db, db.merge(cast.olga), db.merge(cast.study)) == []


def test_a_reply_that_contests_it_waits_for_those_who_had_read_it_before(client, cast, db, clock, ash):
    for who in (cast.rhys, cast.sadia):
        give(client, who, ash)
    clock.forward(minutes=5)
    words = {"reply-decision": "dispute", "reply-reason": "I was asked to."}
    client.as_(cast.sadia).post(f"{HOME}{ash.id}/reply", data=words)

    desk = text(client.as_(cast.rhys).get(f"{HOME}reviews"))
    db.rollback()
    waits = [one.kind for one in waiting_for(db, db.merge(cast.rhys), db.merge(cast.study))]
    clock.forward(minutes=5)
    give(client, cast.rhys, ash)
    after = text(client.as_(cast.rhys).get(f"{HOME}reviews"))

    assert "Ash" in desk.split("Waiting for you")[1]
    assert "the observed person contests it" in desk
    assert waits == ["to_read"]
    assert "Nothing waits for you" in after
    assert "Ash" in after.split("Waiting for others")[1]


def test_a_third_reader_is_not_waited_for_where_only_the_other_side_is(client, cast, db, clock, ash):
    with writing(db):
        for who in (cast.olga, cast.owen):
            studies.set_roles(db, cast.study.id, who.id, frozenset({Role.REVIEWER}), now=clock())
    actions.ask_dissent(db, db.merge(cast.sadia), db.merge(cast.study), ash.id, cast.olga.id, now=clock())
    for who in (cast.rhys, cast.sadia):
        give(client, who, ash)

    asked, other = (text(client.as_(who).get(f"{HOME}reviews")) for who in (cast.olga, cast.owen))

    assert (
        "you are asked to argue the other side" in asked.split("Waiting for you")[1].split("Waiting for others")[0]
    )
    assert "Nothing waits for you" in other
    assert "waits for the other side" in other.split("Waiting for others")[1]


def test_a_review_of_what_is_not_evidence_is_refused(db, cast, clock, ash):
    rival = RivalWeighed("play-leader", Weighing.RULED_OUT, "Nobody near.")
    given = actions.Given(Decision.ENDORSE, "It holds.", (rival,), ("elsewhere/helps",))

    with pytest.raises(ReviewIsNotAcceptable, match="Not part of the evidence"):
        actions.give(db, db.merge(cast.rhys), db.merge(cast.study), ash.id, given, now=clock())


def test_the_readers_page_says_how_two_agree_what_is_disputed_and_that_no_outcome_is_known(client, cast, ash):
    give(client, cast.rhys, ash)
    give(client, cast.sadia, ash, decision="dispute")

    page = text(client.as_(cast.sadia).get(f"{HOME}readers"))

    assert "On 1 pattern that two or more read, blind to each other: the first two decided the same on 0 %" in page
    assert "acting kindly 2 1 50 % [" in page
    assert "too few readings to say" in page
    assert "It is not known of any pattern what turned out" in page


def test_what_turned_out_is_held_against_the_readers_confidence_and_changes_no_reading(client, db, cast, ash):
    give(client, cast.rhys, ash)
    before = kept(db, cast)
    told = {"outcome-held": "no", "outcome-words": "His teachers of the next year saw nothing of it."}
    assert client.as_(cast.sadia).post(f"{HOME}{ash.id}/outcome", data=told).status_code == 303
    give(client, cast.sadia, ash)

    page = text(client.as_(cast.sadia).get(f"{HOME}readers"))

    assert (
        "Over 2 readings of 1 pattern of which it is known what turned out: the decision was right in 0 %" in page
    )
    assert "Brier score 0.49" in page, "70 % sure, and wrong"
    assert "It did not hold. His teachers" in text(client.as_(cast.rhys).get(f"{HOME}{ash.id}"))
    assert [one for one in kept(db, cast) if one.id in {each.id for each in before}] == before
    with pytest.raises(DatabaseError, match="only ever added to"), writing(db):
        db.execute(sa.text("UPDATE pattern_outcomes SET held = 1"))


def test_an_outcome_says_how_it_is_known_and_is_of_something_that_was_claimed(client, cast, play, ash):
    other = play.finding(patterns.runs_of(play.db, cast.study.id)[0], "Bay")

    nothing = client.as_(cast.sadia).post(f"{HOME}{ash.id}/outcome", data={"outcome-held": "yes"})
    unclaimed = client.as_(cast.sadia).post(
        f"{HOME}{other.id}/outcome", data={"outcome-held": "yes", "outcome-words": "Seen since."}
    )

    assert nothing.status_code == 422
    assert unclaimed.status_code == 422
    assert client.as_(cast.rhys).post(f"{HOME}{ash.id}/outcome", data={}).status_code == 403


def test_only_a_supervisor_sees_how_readers_do_and_never_what_is_closed_to_them(client, cast, ash):
    give(client, cast.rhys, ash, decision="dispute", reason=SECRET)

    assert client.as_(cast.rhys).get(f"{HOME}readers").status_code == 403
    assert client.as_(cast.nemo).get(f"{HOME}readers").status_code == 404
    page = text(client.as_(cast.sadia).get(f"{HOME}readers"))
    assert "No reading to speak of" in page, "a reading is closed until one's own is in"
