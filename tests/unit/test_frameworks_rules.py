"""Each rule of meaning, broken on purpose in a framework that is otherwise good."""

from __future__ import annotations

from typing import Any

import pytest

from frameworks import library
from frameworks.checks import codes, constructs, figures, head, streams
from frameworks.findings import Kind, Severity, errors_of
from frameworks.rules import Tablet, check, is_publishable
from frameworks.schema import framework_of
from tests.factories.framework_documents import document_with, good_document

GONE = object()


def broken(*changes: tuple[str, Any]) -> dict[str, Any]:
    """The good document with values set at dotted places; a number is an index, GONE deletes, `+` appends."""
    document = good_document()
    for place, value in changes:
        here: Any = document
        *above, last = place.split(".")
        for step in above:
            here = here[int(step) if step.isdigit() else step]
        if last == "+":
            here.append(value)
        elif value is GONE:
            del here[last]
        elif isinstance(here, list):
            here[int(last)] = value
        else:
            here[last] = value
    return document


def found_in(document: dict[str, Any]) -> dict[str, str]:
    return {finding.code: finding.path for finding in reversed(check(framework_of(document)))}


ONE = {"id": "x", "label": "X"}
TWO = [{"id": "x", "label": "X"}, {"id": "y", "label": "Y"}]
CODE = {"id": "new", "label": "New", "definition": "New.", "exclude": ["Old"], "non_examples": ["Old"]}
LINK = {"id": "l", "label": "L", "from_codes": ["asks"], "to_codes": ["greets"], "within_ms": 1000}
COUNT = {"kind": "area-count", "length_ms": 60000}
TERM = "formulas.0.numerator"

CASES: list[tuple[str, str, list[tuple[str, Any]]]] = [
    # the head
    ("framework.no-title", "/title", [("title", "")]),
    ("framework.no-streams", "/streams", [("streams", [])]),
    ("framework.no-purpose", "/purpose", [("purpose", "")]),
    ("framework.no-attend-to", "/attend_to", [("attend_to", [])]),
    ("framework.no-leave-out", "/leave_out", [("leave_out", [])]),
    ("framework.no-assumptions", "/assumptions", [("assumptions", [])]),
    ("id.twice", "/actors/2/id", [("actors.+", {"id": "visitor", "label": "Again"})]),
    ("id.twice", "/constructs/0/rivals/2/id", [("constructs.0.rivals.+", {"id": "rule", "label": "Again"})]),
    ("id.twice-code", "/streams/1/codes/1/id", [("streams.1.codes.1.id", "asks")]),
    ("id.twice-code", "/streams/3/ratings/0/id", [("streams.3.ratings.0.id", "asks")]),
    ("label.empty", "/streams/0/codes/0/label", [("streams.0.codes.0.label", "")]),
    ("label.empty", "/streams/3/ratings/0/label", [("streams.3.ratings.0.label", "")]),
    ("label.empty", "/modifiers/0/options/1/label", [("modifiers.0.options.1.label", "")]),
    ("language.twice", "/languages", [("languages", ["en", "en"])]),
    ("language.missing", "/title", [("languages", ["en", "cy"])]),
    ("language.unlisted", "/title", [("title", {"en": "Help", "cy": "Cymorth"})]),
    ("rights.no-licence", "/rights", [("rights", {"status": "open-licence", "licence": "CC BY 4.0"})]),
    ("rights.no-citation", "/source/citation", [("rights", {"status": "facts-reworded"})]),
    ("rights.user-supplied", "/rights/status", [("rights", {"status": "user-supplied-only"})]),
    ("rights.words-withheld", "/rights/note",
     [("rights", {"status": "user-supplied-only", "note": head.WITHHELD}),
      ("streams", [{"id": "acts", "label": "acts", "codes": [{"id": "greets", "label": "greets"}]}])]),
    ("consent.covert", "/covert", [("covert", True)]),
    ("position.no-reason", "/position/reason", [("position", {"at": ["start"], "rounded_m": 100})]),
    ("position.fine", "/position/rounded_m", [("position", {"at": ["start"], "rounded_m": 10, "reason": "Routes."})]),
    ("position.no-scan", "/position/at", [("position", {"at": ["scan"], "rounded_m": 100, "reason": "Routes."})]),
    ("planned.too-short", "/streams/2/sampling", [("planned_ms", 30000)]),
    ("planned.uneven", "/streams/2/sampling", [("planned_ms", 90000)]),
    ("variable.no-options", "/variables/0", [("variables.0.options", [])]),
    ("variable.options-unused", "/variables/0", [("variables.0.kind", "text")]),
    ("variable.identifying", "/variables/0", [("variables.0.label", "Date of birth")]),
    ("variable.sensitive-required", "/variables/0", [("variables.0.sensitive", True), ("variables.0.required", True)]),
    ("variable.bound-unknown", "/variables/0", [("variables.0.bound_when", ["never-an-answer"])]),
    ("variable.bound-unknown", "/variables/0", [("variables.0.partly_bound_when", ["never-an-answer"])]),
    ("variable.bound-twice", "/variables/0",
     [("variables.0.kind", "yes-no"), ("variables.0.options", []), ("variables.0.bound_when", ["yes"]),
      ("variables.0.partly_bound_when", ["yes", "no"])]),
    ("variable.bound-by-subject", "/variables/0",
     [("variables.0.of", "subject"), ("variables.0.kind", "yes-no"), ("variables.0.options", []),
      ("variables.0.bound_when", ["yes"])]),
    # streams
    ("stream.empty", "/streams/2", [("streams.2.codes", [])]),
    ("sampling.missing", "/streams/2/sampling/length_ms", [("streams.2.sampling.length_ms", GONE)]),
    ("sampling.missing", "/streams/3/sampling/length_ms", [("streams.3.sampling.rated_at", "interval")]),
    ("sampling.unused", "/streams/0/sampling/length_ms", [("streams.0.sampling", {"length_ms": 5000})]),
    ("sampling.late-after-missed", "/streams/2/sampling/late_after_ms",
     [("streams.2.sampling", {**COUNT, "late_after_ms": 9000, "missed_after_ms": 9000})]),
    ("sampling.missed-too-long", "/streams/2/sampling/missed_after_ms",
     [("streams.2.sampling", {**COUNT, "missed_after_ms": 60000})]),
    ("sampling.lead-in-too-long", "/streams/2/sampling/lead_in_ms", [("streams.2.sampling.lead_in_ms", 60000)]),
    ("sampling.too-short", "/streams/2/sampling", [("streams.2.sampling.length_ms", 1000)]),
    ("rotation.nobody", "/streams/2/sampling/rotation", [("streams.2.sampling.rotation", {"dwell_ms": 60000})]),
    ("rotation.uneven", "/streams/2/sampling/rotation/dwell_ms", [("streams.2.sampling.rotation", {"dwell_ms": 90000})]),
    ("reference.actor", "/streams/0/actors/0", [("streams.0.actors", ["nobody"])]),
    ("reference.actor", "/streams/0/target_actors/0", [("streams.0.target_actors", ["nobody"])]),
    ("target.nobody", "/streams/0/target_actors", [("streams.0.target", "required"), ("streams.0.target_actors", [])]),
    ("target.unused", "/streams/0/target_actors", [("streams.0.target", "none")]),
    ("count.of-named", "/streams/2/actors/0", [("streams.2.sampling", COUNT), ("actors.0.seen_as", "named")]),
    ("exclusive.points", "/streams/0/exclusive", [("streams.0.exclusive", True)]),
    ("exhaustive.not-exclusive", "/streams/1/exhaustive", [("streams.1.exclusive", False)]),
    ("exhaustive.no-fallback", "/streams/1/fallback", [("streams.1.fallback", "")]),
    ("fallback.unknown", "/streams/1/fallback", [("streams.1.fallback", "greets")]),
    ("fallback.point", "/streams/1/fallback", [("streams.1.codes.0.type", "point")]),
    ("fallback.unused", "/streams/1/fallback", [("streams.1.exhaustive", "open")]),
    ("beat.not-exclusive", "/streams/2/exclusive", [("streams.2.sampling.kind", "beat-or-change")]),
    ("predominant.not-exclusive", "/streams/2/exclusive", [("streams.2.sampling.kind", "predominant-interval")]),
    ("interval.exhaustive", "/streams/2/exhaustive", [("streams.2.exhaustive", "always")]),
    ("rating.codes", "/streams/3/codes", [("streams.3.codes", [CODE])]),
    ("rating.stream", "/streams/3/ratings", [("streams.3.sampling", {"kind": "continuous"})]),
    ("checklist.not-yes-no", "/streams/3/ratings/0/scale", [("streams.3.sampling.kind", "checklist")]),
    ("crossed.not-counted", "/streams/2/crossed", [("streams.2.crossed", [{**ONE, "options": TWO}])]),
    ("crossed.reserved", "/streams/2/crossed/0/id",
     [("streams.2.sampling", COUNT), ("streams.2.crossed", [{"id": "code", "label": "C", "options": TWO}])]),
    ("crossed.no-options", "/streams/2/crossed/0/options",
     [("streams.2.sampling", COUNT), ("streams.2.crossed", [{**ONE, "options": [ONE]}])]),
    ("crossed.too-many", "/streams/2/crossed",
     [("streams.2.sampling", COUNT),
      ("streams.2.crossed", [{**ONE, "options": [{"id": f"o{n}", "label": "O"} for n in range(97)]}])]),
    ("priority.unknown", "/streams/1/priority/0", [("streams.1.priority", ["greets"])]),
    ("priority.incomplete", "/streams/1/priority", [("streams.1.priority", ["talks"])]),
    ("priority.unused", "/streams/0/priority_rule",
     [("streams.0.priority", ["greets", "asks", "turns_away"]), ("streams.0.priority_rule", "resolve")]),
    ("screen.too-many-codes", "/streams", [("streams.2.codes", [{**CODE, "id": f"c{n}"} for n in range(90)])]),
    ("agreement.none", "/streams/0/agreement", [("streams.0.agreement", GONE)]),
    ("agreement.unit", "/streams/2/agreement/unit", [("streams.2.agreement.unit", "second")]),
    ("agreement.level", "/streams/0/agreement/level", [("streams.0.agreement.level", 80)]),
    ("agreement.matrix", "/streams/1/agreement/weights", [("streams.1.agreement.weights", [[0, 1]])]),
    ("agreement.diagonal", "/streams/1/agreement/weights", [("streams.1.agreement.weights", [[1, 0], [0, 1]])]),
    ("agreement.diagonal", "/streams/1/agreement/weights", [("streams.1.agreement.weights", [[0, -1], [1, 0]])]),
    ("agreement.tolerance", "/streams/1/agreement/tolerance_ms", [("streams.1.agreement.tolerance_ms", 500)]),
    ("actor.unused", "/actors/2", [("actors.+", ONE)]),
    # codes, modifiers, ratings
    ("key.twice", "/streams/0/codes/1/key", [("streams.0.codes.1.key", "g")]),
    ("label.twice", "/streams/0/codes/1/label", [("streams.0.codes.1.label", "greets")]),
    ("colour.twice", "/streams/0/codes/1/colour",
     [("streams.0.codes.0.colour", "#aabbcc"), ("streams.0.codes.1.colour", "#AABBCC")]),
    ("definition.missing", "/streams/0/codes/0/definition", [("streams.0.codes.0.definition", "")]),
    ("definition.no-non-example", "/streams/0/codes/0/non_examples", [("streams.0.codes.0.non_examples", [])]),
    ("definition.no-exclude", "/streams/0/codes/0/exclude", [("streams.0.codes.0.exclude", [])]),
    ("definition.same", "/streams/0/codes/1/definition", [("streams.0.codes.1.definition", "speaks  FIRST.")]),
    ("definition.judging", "/streams/0/codes/0/definition", [("streams.0.codes.0.definition", "Is rude to visitors.")]),
    ("definition.intention", "/streams/0/codes/0/definition", [("streams.0.codes.0.definition", "Wants to help.")]),
    ("reference.modifier", "/streams/0/codes/0/modifiers/1", [("streams.0.codes.0.modifiers.+", "mood")]),
    ("modifier.no-options", "/modifiers/0/options", [("modifiers.0.options", [])]),
    ("modifier.options-unused", "/modifiers/1/options", [("modifiers.1.options", TWO)]),
    ("modifier.range", "/modifiers/1", [("modifiers.1.minimum", 30)]),
    ("modifier.range-unused", "/modifiers/0", [("modifiers.0.maximum", 3)]),
    ("modifier.unused", "/modifiers/1", [("streams.0.codes.1.modifiers", [])]),
    ("modifier.at-stop-of-point", "/streams/0/codes/0/modifiers/0", [("modifiers.0.asked_at", "stop")]),
    ("modifier.twice", "/streams/0/codes/0/modifiers/1", [("streams.0.codes.0.modifiers.+", "tone")]),
    ("modifier.many-taps", "/streams/0/codes/0/modifiers",
     [("modifiers", [{**ONE, "id": name, "options": TWO, "required": True} for name in ("tone", "length", "third")]),
      ("streams.0.codes.0.modifiers", ["tone", "length", "third"])]),
    ("guard.on-state", "/streams/1/codes/0/double_guard_ms", [("streams.1.codes.0.double_guard_ms", 500)]),
    ("guard.long", "/streams/0/codes/0/double_guard_ms", [("streams.0.codes.0.double_guard_ms", 9000)]),
    ("rating.few-values", "/streams/3/ratings/0/values", [("streams.3.ratings.0.values", [])]),
    ("rating.value-twice", "/streams/3/ratings/0/values", [("streams.3.ratings.0.values.1.value", 1)]),
    ("rating.unsorted", "/streams/3/ratings/0/values", [("streams.3.ratings.0.values.+", {"value": 2, "label": "Two"})]),
    ("rating.values-unused", "/streams/3/ratings/0/values", [("streams.3.ratings.0.scale", "yes-no")]),
    ("rating.no-anchors", "/streams/3/ratings/0/values",
     [("streams.3.ratings.0.values", [{"value": 1, "label": "Low"}, {"value": 2, "label": "High"}])]),
    ("rating.range", "/streams/3/ratings/1", [("streams.3.ratings.1.minimum", 200)]),
    ("rating.part-of-unknown", "/streams/3/ratings/0/part_of", [("streams.3.ratings.0.part_of", "x")]),
    ("rating.part-of-cycle", "/streams/3/ratings/0/part_of",
     [("streams.3.ratings.0.part_of", "crowding"), ("streams.3.ratings.1.part_of", "respect")]),
    ("rating.statistic-scale", "/streams/3/ratings/0/scale", [("streams.3.ratings.0.is_statistic", True)]),
    ("rating.forced", "/streams/3/ratings/0",
     [("streams.3.ratings.0.cannot_judge_allowed", False), ("streams.3.ratings.0.not_observable_allowed", False)]),
    # links and formulas
    ("link.unknown-code", "/links/0/to_codes", [("links.0.to_codes", ["gone"])]),
    ("link.unknown-code", "/links/0/if_none", [("links.0.if_none", "gone")]),
    ("link.empty", "/links/0/from_codes", [("links.0.from_codes", [])]),
    ("link.empty", "/links/0/to_codes", [("links.0.to_codes", GONE)]),
    ("link.untimed", "/links/0/to_codes", [("links.0.to_codes", ["queue"])]),
    ("link.no-window", "/links/0/within_ms", [("links.0.within_ms", None)]),
    ("link.to-itself", "/links/0", [("links.0.to_codes", ["asks"])]),
    ("formula.unknown-stream", "/formulas/0/numerator/stream", [(f"{TERM}.stream", "gone")]),
    ("formula.unknown-code", "/formulas/0/numerator/codes/0", [(f"{TERM}.codes", ["gone"])]),
    ("formula.code-elsewhere", "/formulas/0/numerator/codes/0", [(f"{TERM}.codes", ["queue"])]),
    ("formula.unknown-rating", "/formulas/0/numerator/ratings/0", [(TERM, {"measure": "rating", "ratings": ["gone"]})]),
    ("formula.unknown-link", "/formulas/0/numerator/links/0", [(TERM, {"measure": "wait", "links": ["gone"]})]),
    ("formula.codes-and-except", "/formulas/0/numerator", [(f"{TERM}.except_codes", ["silence"])]),
    ("formula.interval-as-time", "/formulas/0/numerator/measure",
     [(TERM, {"measure": "duration", "stream": "room", "codes": ["queue"]})]),
    ("formula.measure-misfit", "/formulas/0/numerator/measure", [(TERM, {"measure": "persons", "stream": "talk"})]),
    ("formula.duration-of-points", "/formulas/0/numerator/codes",
     [(TERM, {"measure": "duration", "stream": "acts", "codes": ["greets"]})]),
    ("formula.no-ratings", "/formulas/0/numerator/ratings", [(TERM, {"measure": "rating"})]),
    ("formula.no-links", "/formulas/0/numerator/links", [(TERM, {"measure": "wait"})]),
    ("formula.no-values", "/formulas/0/numerator/codes", [(TERM, {"measure": "value", "codes": ["greets"]})]),
    ("formula.no-denominator", "/formulas/0/denominator", [("formulas.0.denominator", GONE)]),
    ("formula.rate-without-time", "/formulas/0/denominator",
     [("formulas.0.per", "per-hour"), ("formulas.0.denominator.measure", "count")]),
    ("formula.mixed", "/formulas/0/per", [(f"{TERM}.measure", "count")]),
    ("formula.unknown-variable", "/formulas/0/unit", [("formulas.0.unit", "variable:gone")]),
    ("formula.unknown-variable", "/formulas/0/unit", [("formulas.0.unit", "variable:site+gone")]),
    ("formula.pooled", "/formulas/0", [("formulas.0.unit", "pooled")]),
    ("formula.total-of-ratings", "/formulas/0",
     [(TERM, {"measure": "rating", "ratings": ["respect", "crowding"]}), ("formulas.0.average", "sum")]),
    # constructs
    ("construct.no-indicators", "/constructs/0/indicators", [("constructs.0.indicators", [])]),
    ("construct.one-sided", "/constructs/0/indicators", [("constructs.0.indicators.2.polarity", 1)]),
    ("construct.no-rivals", "/constructs/0/rivals", [("constructs.0.rivals", [])]),
    ("construct.one-rival", "/constructs/0/rivals", [("constructs.0.rivals", [ONE])]),
    ("construct.no-definition", "/constructs/0/definition", [("constructs.0.definition", "")]),
    ("construct.out-of-reach", "/constructs/0/minimum_evidence/codes", [("constructs.0.minimum_evidence", {"codes": 4})]),
    ("construct.no-minimum", "/constructs/0/minimum_evidence/events", [("constructs.0.minimum_evidence", {"events": 0})]),
    ("construct.one-session", "/constructs/0/minimum_evidence/sessions",
     [("constructs.0.minimum_evidence", {"sessions": 1})]),
    ("indicator.nothing", "/constructs/0/indicators/0", [("constructs.0.indicators.0", {"polarity": 1})]),
    ("indicator.both", "/constructs/0/indicators/0", [("constructs.0.indicators.0.rating", "respect")]),
    ("indicator.code-gone", "/constructs/0/indicators/0/code", [("constructs.0.indicators.0.code", "gone")]),
    ("indicator.rating-gone", "/constructs/0/indicators/0/rating",
     [("constructs.0.indicators.0", {"polarity": 1, "rating": "gone"})]),
    ("indicator.statistic", "/constructs/0/indicators/0/rating",
     [("streams.3.ratings.1.is_statistic", True), ("constructs.0.indicators.0", {"polarity": 1, "rating": "crowding"})]),
    ("indicator.no-range", "/constructs/0/indicators/0/rating",
     [("streams.3.ratings.1.maximum", None), ("constructs.0.indicators.0", {"polarity": 1, "rating": "crowding"})]),
    ("indicator.modifier-not-asked", "/constructs/0/indicators/1/modifiers/tone",
     [("constructs.0.indicators.1.modifiers", {"tone": "warm"})]),
    ("indicator.option-gone", "/constructs/0/indicators/0/modifiers/tone",
     [("constructs.0.indicators.0.modifiers", {"tone": "icy"})]),
    ("indicator.modifiers-of-rating", "/constructs/0/indicators/0/modifiers",
     [("constructs.0.indicators.0", {"polarity": 1, "rating": "respect", "modifiers": {"tone": "warm"}})]),
    ("indicator.contradicts", "/constructs/0/indicators/3",
     [("constructs.0.indicators.+", {"polarity": -1, "code": "asks", "rationale": "Or not."})]),
    ("indicator.twice", "/constructs/0/indicators/3",
     [("constructs.0.indicators.+", {"polarity": 1, "code": "asks", "rationale": "Again."})]),
    ("indicator.no-rationale", "/constructs/0/indicators/1/rationale", [("constructs.0.indicators.1.rationale", "")]),
    ("indicator.residual", "/constructs/0/indicators/1/code",
     [("streams.0.codes.+", {**CODE, "id": "other", "note_required": True}), ("constructs.0.indicators.1.code", "other")]),
]  # fmt: skip


def test_the_good_framework_gives_no_findings():
    assert check(framework_of(good_document())) == ()


@pytest.mark.parametrize(("code", "path", "changes"), CASES, ids=[f"{code} {path}" for code, path, _ in CASES])
def test_each_rule_speaks_up_at_the_place_that_breaks_it(code, path, changes):
    findings = check(framework_of(broken(*changes)))

    assert (code, path) in [(finding.code, finding.path) for finding in findings]


def test_every_kind_of_finding_about_meaning_has_a_case():
    kinds = {
        kind.code
        for module in (codes, constructs, figures, head, streams)
        for kind in vars(module).values()
        if isinstance(kind, Kind)
    }

    assert kinds == {code for code, _, _ in CASES}
    assert len(kinds) > 100


def test_all_findings_come_at_once_and_the_worst_first():
    document = broken(("title", ""), ("purpose", ""), ("leave_out", []), ("streams.0.codes.1.key", "g"))

    severities = [finding.severity for finding in check(framework_of(document))]

    assert severities == [Severity.ERROR, Severity.ERROR, Severity.WARNING, Severity.HINT]


def test_errors_stand_in_the_way_of_publishing_and_warnings_do_not():
    assert not is_publishable(framework_of(document_with(title="")))
    assert is_publishable(framework_of(document_with(purpose="")))


def test_a_smaller_tablet_has_room_for_fewer_codes():
    framework = framework_of(good_document())

    assert Tablet().keys == 84
    assert [finding.code for finding in check(framework, tablet=Tablet(width=240, height=480))] == [
        "screen.too-many-codes"
    ]


def test_a_rating_can_speak_both_ways_so_it_balances_a_construct():
    indicators = [{"polarity": 1, "rating": "respect", "rationale": "Seen at the end."}]
    document = broken(("constructs.0.indicators", indicators))

    assert "construct.one-sided" not in found_in(document)


def test_wordings_for_other_levels_need_not_be_complete():
    document = broken(("languages", ["en", "en-x-family"]))

    assert "language.missing" not in found_in(document)


@pytest.mark.parametrize("slug", library.slugs())
def test_every_ready_made_framework_could_be_published_as_it_is(slug):
    assert errors_of(check(framework_of(library.document(slug)))) == ()
