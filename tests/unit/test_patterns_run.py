"""A whole run: what is said of each person, what it rests on, and what else it could be."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from functools import cache

import pytest

from frameworks.model import MinimumEvidence
from observe.core.patterns import (
    PERSON,
    Family,
    Loading,
    Moment,
    Reliability,
    Row,
    Rows,
    Run,
    Settings,
    Status,
    infer_from,
    wording,
)
from observe.core.patterns.evidence import Item, Table
from tests.factories.patterns import Plan, framework, world

PLANTED = Plan(people=16, sessions=8, codes=20, constructs=2, attitude=0.8, events=300)


@cache
def planted() -> Run:
    return infer_from(world(1, PLANTED).rows, framework(2))


@cache
def every_kind() -> tuple[Run, ...]:
    """Runs which between them make every kind of sentence."""
    made = world(1, PLANTED)
    codes = {one.indicator: Reliability(0.41, 0.30) for one in made.rows.loadings[:14]}
    alone = world(5, Plan(people=1, sessions=12, codes=10, constructs=1, drift=3.0, events=400)).rows
    return (
        planted(), infer_from(made.rows, framework(2), reliability=codes),
        infer_from(world(2, replace(PLANTED, nested="observer", halo=0.8)).rows, framework(2)),
        infer_from(world(3, replace(PLANTED, attitude=0.0, family="mixed")).rows, framework(2)),
        infer_from(world(1, replace(PLANTED, situational=0.6)).rows, framework(2)),
        infer_from(alone, framework(1)),
        infer_from(_halved_by_observer(alone), framework(1)),
    )  # fmt: skip


def _halved_by_observer(rows: Rows) -> Rows:
    return Rows.of([replace(row, observer="olga" if row.day > 5 else "owen") for row in rows.rows], rows.loadings)


def sentences(run: Run) -> list[str]:
    found = [one.sentence for one in run.constructs]
    for one in run.findings:
        found += [
            one.sentence,
            one.change_sentence,
            *one.missing,
            *one.fragile,
        ]
        found += [rival.detail for rival in one.rivals]
    return [sentence for sentence in found if sentence]


def test_the_evidence_adds_up_to_the_estimate():
    for run in every_kind():
        for one in run.findings:
            assert one.estimate is not None
            assert one.evidence.total == pytest.approx(one.estimate.mean, abs=0.005)


def test_planted_attitudes_are_found_with_the_right_sign():
    truth = world(1, PLANTED).centred
    claims = [one for one in planted().findings if one.status in (Status.PATTERN, Status.CONTRARY)]

    right = [
        (truth[int(one.person[1:]), int(one.construct[1:])] > 0) == (one.status is Status.PATTERN)
        for one in claims
    ]

    assert len(claims) >= 10
    assert sum(right) / len(right) >= 0.95


def test_a_pattern_is_worded_as_what_it_is_consistent_with():
    one = next(one for one in planted().findings if one.status is Status.PATTERN and not one.situation_specific)

    assert re.fullmatch(
        r"Pattern consistent with helpfulness \d \(imputed; \+\d\.\d\d, 90 % −?[\d.]+ to [\d.]+; "
        r"relative to 15 peers; on balance \d+ codes? supports? the estimate and (\d+|none) speaks? against it; "
        r"of \d+ lines of evidence (\d+|none) speaks? against it\)",
        one.sentence,
    )


def of_helping(contribution: float, side: str, *, indicator: str = "helps") -> Item:
    return Item("s", indicator, "", "", Family.COUNT, 1.0, 1.0, 10.0, contribution, side)


def test_what_comes_to_nothing_on_balance_is_still_told_line_by_line():
    lines = [of_helping(0.3, "supporting"), of_helping(-0.1, "contrary"), of_helping(-0.1, "contrary")]
    mixed = [
        *lines,
        of_helping(-0.1, "contrary", indicator="grabs"),
        of_helping(0.0, "supporting", indicator="asks"),
    ]

    assert wording.sides_words(Table(tuple(lines), 0.0, True)) == (
        "on balance 1 code supports the estimate and none speaks against it; of 3 lines of evidence 2 speak against it"
    )
    assert wording.sides_words(Table(tuple(mixed), 0.0, True)) == (
        "on balance 2 codes support the estimate and 1 speaks against it; of 5 lines of evidence 3 speak against it"
    )


def test_patterns_for_and_against_are_counted_apart():
    def said(people: int, *counts: int) -> str:
        return wording.overall_sentence("care", people, wording.Said(*counts), 0.004, PERSON)

    assert said(10, 1, 1) == (
        "Of 10 people, 1 shows a pattern consistent with care and 1 a pattern that speaks against it; "
        "probability that people do not differ: <.01"
    )
    assert said(10, 2, 0).startswith("Of 10 people, 2 show a pattern consistent with care and none a pattern that")
    assert said(10, 0, 1).startswith(
        "Of 10 people, none shows a pattern consistent with care and 1 a pattern that"
    )
    assert said(1, 0, 0).startswith("Of 1 person, none shows a pattern consistent with care, nor one that speaks")


def test_where_nothing_can_be_said_of_anybody_it_is_not_said_either_whether_they_differ():
    nobody = [wording.overall_sentence("care", 37, wording.Said(0, 0, 20, 17), p, PERSON) for p in (0.004, 0.84)]
    some = wording.overall_sentence("care", 37, wording.Said(0, 0, 20, 16), 0.84, PERSON)

    assert (
        nobody
        == ["Nothing can be said of any of 37 people on care: not enough evidence on 20, confounded for 17"] * 2
    )
    assert some == "People do not differ reliably on care in these data (probability that they do not: .84)"


def test_percentages_are_spelt_one_way():
    assert [wording.percent(one) for one in (0.9, 0.05, 0.025, 1.0)] == ["90 %", "5 %", "2.5 %", "100 %"]


def test_no_sentence_says_what_anybody_believes_or_is():
    said = [sentence for run in every_kind() for sentence in sentences(run)] + list(wording.TEMPLATES.values())
    kinds = {one.status for run in every_kind() for one in run.findings}

    never = re.compile(
        r"\b(believes?|belief|thinks?|feels?|wants?|intends?|hates?|likes|values|attitude|lazy|racist|dishonest|liar|"
        r"is an? (?!.*opportunit)|proves?|proven|true|truly|certainly|guilty|suspect|person is|they are|he is|she is)\b",
        re.IGNORECASE,
    )
    assert [sentence for sentence in said if never.search(sentence)] == []
    assert kinds >= set(Status) - {Status.NOT_WATCHED}, "the sentences of every status were read"


def test_every_template_is_used_by_some_run():
    said = "\n".join(sentence for run in every_kind() for sentence in sentences(run))
    first = {
        name: template.split("{")[0] or template.split("}")[1].split("{")[0]
        for name, template in wording.TEMPLATES.items()
    }

    unused = {name for name, start in first.items() if start.strip() and start not in said}

    assert unused <= {"not-watched", "nothing-contrary", "none-contrary"}


def test_contrary_evidence_is_listed_even_where_it_is_small():
    for one in planted().findings:
        contrary = one.evidence.of_side("contrary")
        assert len(contrary) >= 3
        assert all(item.contribution < 0 for item in contrary if one.estimate and one.estimate.mean > 0)


def test_what_stayed_away_where_it_was_to_be_expected_speaks_against():
    missing = [
        item
        for one in planted().findings
        for item in one.evidence.items
        if item.stayed_away and item.expected >= 3 and _loading(one.construct, item.indicator) > 0
    ]

    assert len(missing) > 5
    assert sum(item.contribution < 0 for item in missing) / len(missing) > 0.9


def _loading(construct: str, indicator: str) -> float:
    found = {(one.construct, one.indicator): one.weight for one in world(1, PLANTED).rows.loadings}
    return found.get((construct, indicator), 0.0)


def test_evidence_names_the_events_that_it_rests_on():
    rows = world(1, PLANTED).rows
    told = [replace(row, moments=(Moment(f"e-{row.session}-{row.indicator}", 7),)) for row in rows.rows]

    one = infer_from(Rows.of(told, rows.loadings), framework(2)).findings[0]

    item = one.evidence.items[0]
    assert item.moments == (Moment(f"e-{item.session}-{item.indicator}", 7),)


def test_a_halo_observer_who_alone_watched_someone_makes_it_confounded_not_a_pattern():
    run = infer_from(world(5, replace(PLANTED, attitude=0.0, nested="observer", halo=0.8)).rows, framework(2))

    assert {one.status for one in run.findings} == {Status.CONFOUNDED}
    assert (
        "cannot be told apart from the observer: needs an observer who also watched others"
        in run.findings[0].sentence
    )


def test_someone_watched_where_nobody_else_was_is_confounded_with_the_situation():
    rows = world(1, PLANTED).rows
    elsewhere = [replace(row, situation="home") if row.person == "p000" else row for row in rows.rows]

    run = infer_from(Rows.of(elsewhere, rows.loadings), framework(2))

    assert run.finding("p000", "d0").status is Status.CONFOUNDED
    assert "needs to be watched where others were watched" in run.finding("p000", "d0").sentence
    assert run.finding("p001", "d0").status is not Status.CONFOUNDED


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda row: replace(row, situation="hall"), "needs a second situation"),
        (lambda row: replace(row, observer="owen"), "needs a second observer, or a check of agreement"),
        (lambda row: row if row.day < 2 else replace(row, exposure=0.0), "needs a third session"),
        (
            lambda row: row if row.person < "p003" else replace(row, exposure=0.0),
            "needs 2 more people watched in the same situations",
        ),
        (lambda row: row if row.indicator < "c04" else replace(row, exposure=0.0), "needs a third indicator"),
    ],
)
def test_what_is_missing_is_said_in_words(change, words: str):
    rows = world(1, PLANTED).rows

    run = infer_from(Rows.of([change(row) for row in rows.rows], rows.loadings), framework(2))

    assert {one.status for one in run.findings} <= {Status.NOT_ENOUGH, Status.CONFOUNDED}
    assert any(
        one.sentence.startswith("Not enough evidence on helpfulness 0: ") and words in one.sentence
        for one in run.findings
    )


def test_a_check_of_agreement_can_stand_in_for_a_second_observer():
    rows = world(1, PLANTED).rows
    one_observer = Rows.of([replace(row, observer="owen") for row in rows.rows], rows.loadings)
    checked = {one.indicator: Reliability(0.9, 0.8) for one in rows.loadings}

    assert any(
        one.status is Status.PATTERN
        for one in infer_from(one_observer, framework(2), reliability=checked).findings
    )
    assert not any(one.status is Status.PATTERN for one in infer_from(one_observer, framework(2)).findings)


def test_a_person_whom_one_of_several_observers_watched_is_confounded_unless_agreement_was_checked():
    rows = world(1, PLANTED).rows
    alone = Rows.of(
        [replace(row, observer="o1") if row.person == "p000" else row for row in rows.rows], rows.loadings
    )
    good, poor = (
        {one.indicator: Reliability(alpha, alpha - 0.1) for one in rows.loadings} for alpha in (0.9, 0.5)
    )

    def status(reliability: dict[str, Reliability]) -> Status:
        return infer_from(alone, framework(2), reliability=reliability).finding("p000", "d0").status

    assert status({}) is Status.CONFOUNDED
    assert status(poor) is Status.CONFOUNDED
    assert status(good) is not Status.CONFOUNDED


def test_a_one_sided_framework_says_that_nothing_would_have_spoken_against_it():
    rows = world(1, PLANTED).rows
    praise = Rows.of(rows.rows, [replace(one, weight=abs(one.weight)) for one in rows.loadings])

    one = infer_from(praise, framework(2)).findings[0]

    assert one.status is Status.NOT_ENOUGH
    assert "no contrary evidence was looked for" in one.sentence
    assert not one.evidence.contrary_looked_for


def test_a_rating_looks_both_ways_by_itself():
    rows = world(1, replace(PLANTED, family="rating")).rows
    praise = Rows.of(rows.rows, [replace(one, weight=abs(one.weight)) for one in rows.loadings])

    assert all(one.evidence.contrary_looked_for for one in infer_from(praise, framework(2)).findings)


def test_codes_that_observers_do_not_agree_on_are_named_and_cannot_carry_a_pattern():
    rows = world(1, PLANTED).rows
    weak = {one.indicator: Reliability(0.41, 0.30) for one in rows.loadings}
    some = dict(list(weak.items())[:1])

    all_weak, one_weak = (infer_from(rows, framework(2), reliability=given) for given in (weak, some))

    assert {one.status for one in all_weak.findings} == {Status.NOT_ENOUGH}
    named = next(one for one in one_weak.findings if one.construct == "d0" and one.status is Status.PATTERN)
    assert named.sentence.endswith(f"; fragile: {next(iter(some))} alpha .41")
    assert any(one.kind == "fragile" for one in named.robustness.without)


def test_leaving_things_out_is_told_for_every_pattern():
    one = next(one for one in planted().findings if one.status is Status.PATTERN)
    assert one.robustness is not None

    kinds = {left.kind for left in one.robustness.without}

    assert kinds == {"session", "observer", "indicator", "situation"}
    assert one.robustness.lowest <= one.estimate.mean <= one.robustness.highest
    assert one.robustness.lowest > 0 and one.robustness.equal_loadings > 0
    assert one.robustness.codes_for + one.robustness.codes_against == 10


def test_leaving_a_session_out_is_as_if_it_had_never_been():
    """Against refitting without it, where only what is shared by all may differ a little."""
    rows = world(1, PLANTED).rows
    one = next(one for one in planted().findings if one.status is Status.PATTERN)
    left = next(left for left in one.robustness.without if left.kind == "session")

    again = infer_from(
        Rows.of([row for row in rows.rows if row.session != left.item], rows.loadings), framework(2)
    )

    assert left.mean == pytest.approx(again.finding(*one.key).estimate.mean, abs=0.06)
    assert left.mean != pytest.approx(one.estimate.mean, abs=1e-6)


def test_a_pattern_that_hangs_on_one_session_is_not_claimed():
    rows = world(11, replace(PLANTED, attitude=0.0, occasion=0.05, situational=0.05)).rows
    weight = {one.indicator: one.weight for one in rows.loadings if one.construct == "d0"}
    hot = [
        replace(row, value=row.value + 40 * row.exposure / 60)
        if row.session == "p000s03" and weight.get(row.indicator, 0) > 0 else row
        for row in rows.rows
    ]  # fmt: skip

    one = infer_from(Rows.of(hot, rows.loadings), framework(2)).finding("p000", "d0")

    assert one.status not in (Status.PATTERN, Status.CONTRARY)
    assert "one session (p000s03)" in " ".join(one.missing)


def test_every_rival_has_a_number_and_those_named_beforehand_stand_first():
    one = next(one for one in planted().findings if one.status is Status.PATTERN)

    assert [rival.id for rival in one.rivals] == [
        "shyness", "situation", "observer", "opportunity", "habit", "reactivity", "role", "desirability", "ambiguity",
        "coder-reliability", "drift", "missing", "base-rate", "alternative-construct",
    ]  # fmt: skip
    assert one.rivals[0].named_beforehand and one.rivals[0].number is None
    assert all(rival.number is not None for rival in one.rivals[1:])


def test_behaviour_that_goes_with_a_place_is_said_to():
    rows = world(1, replace(PLANTED, situational=0.05)).rows
    weight = {one.indicator: one.weight for one in rows.loadings if one.construct == "d0"}
    there = [
        replace(row, value=round(row.value * 2.718 ** (1.5 * weight[row.indicator])))
        if row.person == "p000" and row.situation == "g1" and row.indicator in weight else row
        for row in rows.rows
    ]  # fmt: skip

    one = infer_from(Rows.of(there, rows.loadings), framework(2)).finding("p000", "d0")

    by_place = {place.situation: place.mean for place in one.situations}
    assert one.situation_specific
    assert max(by_place, key=by_place.get) == "g1"
    assert next(rival for rival in one.rivals if rival.id == "situation").raised


def test_judgements_that_were_not_given_raise_a_rival():
    rows = world(1, PLANTED).rows
    rated = [
        Row(f"p{k:03}s00", f"p{k:03}", "kind", "g0", "o0", float(k % 5), 1.0, Family.RATING) for k in range(16)
    ]
    more = Rows.of(
        [*rows.rows, *rated], [*rows.loadings, Loading("kind", "d0", 0.5)], unanswered=(("p000", "kind", 3),)
    )

    one = infer_from(more, framework(2)).finding("p000", "d0")

    missing = next(rival for rival in one.rivals if rival.id == "missing")
    assert missing.raised
    assert missing.number == 0.75


def test_a_run_is_bound_to_its_data_its_framework_and_its_settings():
    rows = world(1, PLANTED).rows
    one_more = Rows.of(
        [replace(row, value=row.value + (k == 0)) for k, row in enumerate(rows.rows)], rows.loadings
    )
    named = framework(2, minimum=MinimumEvidence(sessions=4))

    runs = [
        planted(), infer_from(rows, framework(2)), infer_from(one_more, framework(2)), infer_from(rows, named),
        infer_from(rows, framework(2), settings=Settings(smallest_effect=0.3)),
    ]  # fmt: skip

    assert runs[0] == runs[1]
    assert len({run.hash for run in runs}) == 4
    assert len({one.hash for one in planted().findings}) == len(planted().findings)


def test_a_run_can_be_kept_as_json():
    kept = json.loads(json.dumps(planted().as_json(), allow_nan=False))

    assert kept["engine_version"] == "1.1.1"
    assert kept["findings"][0]["evidence"]["items"][0]["family"] == "count"
    assert kept["findings"][0]["status"] in set(Status)
    assert kept["settings"]["seed"] == 0


def test_no_sessions_give_an_empty_run_and_no_error():
    run = infer_from(Rows.of([], [Loading("c00", "d0", 1.0)]), framework(1))

    assert run.findings == () and run.constructs == ()


def test_someone_never_watched_for_a_construct_is_said_to_be_so():
    rows = world(1, PLANTED).rows
    of_d1 = {one.indicator for one in rows.loadings if one.construct == "d1"}
    kept = [row for row in rows.rows if row.person != "p000" or row.indicator not in of_d1]

    one = infer_from(Rows.of(kept, rows.loadings), framework(2)).finding("p000", "d1")

    assert one.status is Status.NOT_WATCHED and one.estimate is None
    assert one.sentence == "Not watched for helpfulness 1"


def test_a_single_case_can_change_but_cannot_stand_out_from_anybody():
    alone, halved = every_kind()[-2:]
    one, other = alone.findings[0], halved.findings[0]

    assert one.status is Status.NOT_ENOUGH
    assert one.change is not None and one.change.claimed
    assert one.change_sentence.startswith(
        "Behaviour consistent with helpfulness 0 changed from the first to the last of 12 sessions"
    )
    assert other.change.confounded_with == ("observers",) and not other.change.claimed
    assert "cannot be told apart from a change of observers" in other.change_sentence
