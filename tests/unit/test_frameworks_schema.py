"""The shape of a framework document: what is taken, what is refused, and how that is said."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from frameworks import library, model
from frameworks.findings import errors_of
from frameworks.json_schema import json_schema
from frameworks.model import Code, CodeType, Framework, SamplingKind, Text
from frameworks.rules import check
from frameworks.schema import DocumentIsInvalid, dump, framework_of, load
from frameworks.shape import MAX_TEXT, Choice, Listing, Object, shape_of
from tests.factories.framework_documents import (
    damaged_documents,
    document_with,
    documents,
    good_document,
    whole_documents,
    whole_frameworks,
)

DOCS = Path(__file__).resolve().parents[2] / "docs" / "reference"
PUBLISHED = jsonschema.Draft202012Validator(
    json.loads((DOCS / "framework.schema.json").read_text(encoding="utf-8"))
)
GENTLY = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


def codes_and_paths(document: object) -> list[tuple[str, str]]:
    return [(finding.code, finding.path) for finding in load(document).findings]


def test_a_document_becomes_immutable_values():
    framework = framework_of(good_document())

    assert framework.streams[1].sampling.kind is SamplingKind.CONTINUOUS
    assert framework.streams[1].codes[0].type is CodeType.STATE
    assert framework.streams[2].sampling.length_ms == 60000
    assert framework.constructs[0].indicators[0].modifiers == (("tone", "warm"),)
    assert framework.constructs[0].minimum_evidence.sessions == 3
    assert str(framework.streams[0].codes[2].non_examples[0]) == "Types what was said"


def test_a_plain_string_is_in_the_first_language():
    framework = framework_of(document_with(languages=["cy", "en"], title="Cymorth"))

    assert framework.title == Text((("cy", "Cymorth"),))
    assert dump(framework)["title"] == "Cymorth"


def test_words_in_another_language_keep_their_language():
    title = {"en": "Help", "cy": "Cymorth"}
    framework = framework_of(document_with(languages=["cy", "en"], title=title))

    assert framework.title.by_language == (("cy", "Cymorth"), ("en", "Help"))
    assert dump(framework)["title"] == title


def test_empty_words_are_as_if_they_were_not_there():
    framework = framework_of(document_with(purpose={"en": ""}, limits=""))

    assert framework.purpose == Text()
    assert "purpose" not in dump(framework) and "limits" not in dump(framework)


def test_default_values_are_left_out_of_the_canonical_document():
    spelt_out = document_with(covert=False, languages=["en"], planned_ms=None, links=[])

    assert dump(framework_of(spelt_out)) == {
        key: value for key, value in good_document().items() if key not in ("planned_ms", "links")
    }


def test_whole_numbers_lose_their_point():
    document = good_document()
    document["modifiers"][1]["minimum"] = 1.0

    assert json.dumps(dump(framework_of(document))["modifiers"][1]["minimum"]) == "1"


def test_every_fault_of_shape_is_told_at_once():
    document = document_with(slug="Help Desk", covert="yes", titel="x")
    del document["title"]
    document["streams"][0]["exclusiv"] = True
    document["streams"][2]["sampling"] = {"kind": "now and then", "length_ms": 1.5}

    assert codes_and_paths(document) == [
        ("shape.not-yes-no", "/covert"),
        ("shape.not-pattern", "/slug"),
        ("shape.unknown-field", "/streams/0/exclusiv"),
        ("shape.not-choice", "/streams/2/sampling/kind"),
        ("shape.not-whole", "/streams/2/sampling/length_ms"),
        ("shape.unknown-field", "/titel"),
        ("shape.missing", "/title"),
    ]


def test_a_misspelt_field_is_told_what_it_was_meant_to_be():
    document = good_document()
    document["streams"][0]["exclusiv"] = True

    assert load(document).findings[0].remedy == "Perhaps “exclusive” was meant; else delete it."


@pytest.mark.parametrize(
    ("field", "value", "code", "path"),
    [
        ("title", 3, "shape.not-text", "/title"),
        ("title", {"en": 3}, "shape.not-text", "/title"),
        ("title", {"e": "x"}, "shape.not-language", "/title"),
        ("title", "x" * (MAX_TEXT + 1), "shape.too-long", "/title"),
        ("title", None, "shape.null", "/title"),
        ("title", "a\x00b", "shape.control-character", "/title"),
        ("title", "\ud800", "shape.control-character", "/title"),
        ("streams", {}, "shape.not-list", "/streams"),
        ("streams", [3], "shape.not-object", "/streams/0"),
        ("languages", [], "shape.too-few", "/languages"),
        ("attend_to", ["x"] * 1001, "shape.too-many", "/attend_to"),
        ("planned_ms", True, "shape.not-whole", "/planned_ms"),
        ("planned_ms", 0, "shape.out-of-range", "/planned_ms"),
        ("planned_ms", 10**400, "shape.out-of-range", "/planned_ms"),
        ("covert", 1, "shape.not-yes-no", "/covert"),
        ("rights", {"status": "mine"}, "shape.not-choice", "/rights/status"),
        ("schema", "observe-framework/2", "shape.wrong-schema", "/schema"),
        ("source", {"citation": float("nan")}, "shape.not-json", "/source/citation"),
        ("source", {3: "x"}, "shape.not-json", "/source"),
        ("source", {"citation": b"x"}, "shape.not-json", "/source/citation"),
    ],
)  # fmt: skip
def test_each_fault_of_shape_has_a_place_and_a_way_out(field, value, code, path):
    finding = load(document_with(**{field: value})).findings[0]

    assert (finding.code, finding.path) == (code, path)
    assert finding.sentence.endswith(".") and finding.remedy.endswith(".")
    assert finding.severity == "error"


@pytest.mark.parametrize("polarity", [0, 2, 0.5, "1", True])
def test_an_indicator_speaks_for_or_against_and_nothing_between(polarity):
    document = good_document()
    document["constructs"][0]["indicators"][0]["polarity"] = polarity

    assert [path for _, path in codes_and_paths(document)] == ["/constructs/0/indicators/0/polarity"]


@pytest.mark.parametrize("document", [None, 3, "x", [], True, float("inf")])
def test_what_is_not_an_object_is_a_finding_and_not_a_crash(document):
    assert load(document).framework is None
    assert len(load(document).findings) == 1


def test_a_document_nested_without_end_is_refused_without_recursion():
    document: dict[str, object] = good_document()
    here = document
    for _ in range(100_000):
        here["source"] = {}
        here = here["source"]  # type: ignore[assignment]

    assert [code for code, _ in codes_and_paths(document)] == ["shape.too-deep"]


def test_a_document_of_too_many_values_is_refused():
    assert codes_and_paths({"x": [[0] * 1000] * 300})[-1] == ("shape.too-large", "")


def test_the_matrix_of_weights_may_be_given_instead_of_a_name():
    document = good_document()
    document["streams"][1]["agreement"]["weights"] = [[0, 1], [1, 0.5]]

    framework = framework_of(document)

    assert framework.streams[1].agreement.weights == ((0.0, 1.0), (1.0, 0.5))
    assert dump(framework)["streams"][1]["agreement"]["weights"] == [[0, 1], [1, 0.5]]


def test_callers_that_need_a_framework_get_all_findings_in_one_exception():
    with pytest.raises(DocumentIsInvalid) as caught:
        framework_of(document_with(slug="No", covert=3))

    assert [finding.path for finding in caught.value.findings] == ["/covert", "/slug"]


@GENTLY
@given(whole_documents())
def test_document_to_model_to_document_loses_nothing(document):
    framework = framework_of(document)
    canonical = dump(framework)

    assert framework_of(canonical) == framework
    assert dump(framework_of(json.loads(json.dumps(canonical)))) == canonical


def parts_of(value: Any) -> Iterator[tuple[str, str, str]]:
    """Each field that is set to something other than its default; of choices also what was chosen."""
    for each in shape_of(type(value)):
        found, name = getattr(value, each.name), type(value).__name__
        if each.required or found != each.default:
            yield name, each.name, ""
        if isinstance(each.spec, Choice):
            yield name, each.name, str(found)
        for below in (found,) if isinstance(each.spec, Object) and found is not None else ():
            yield from parts_of(below)
        if isinstance(each.spec, Listing) and isinstance(each.spec.item, Object):
            for below in found:
                yield from parts_of(below)


def parts_that_there_are(of: type[Any], done: set[type[Any]]) -> Iterator[tuple[str, str, str]]:
    """The same of everything that the model could hold."""
    done.add(of)
    for each in shape_of(of):
        yield of.__name__, each.name, ""
        for value in each.spec.values if isinstance(each.spec, Choice) else ():
            yield of.__name__, each.name, value
        item = each.spec.item if isinstance(each.spec, Listing) else each.spec
        if isinstance(item, Object) and item.of not in done:
            yield from parts_that_there_are(item.of, done)


def test_the_documents_that_properties_are_held_on_set_every_field_and_make_every_choice():
    drawn: set[tuple[str, str, str]] = set()

    @settings(GENTLY, max_examples=220, database=None, derandomize=True, phases=[Phase.generate])
    @given(whole_frameworks())
    def draw(framework):
        drawn.update(parts_of(framework))

    draw()

    assert sorted(set(parts_that_there_are(Framework, set())) - drawn) == []


@GENTLY
@given(documents())
def test_arbitrary_valid_frameworks_have_no_errors(document):
    assert errors_of(check(framework_of(document))) == ()


@GENTLY
@given(whole_documents(), st.randoms())
def test_the_order_of_the_fields_does_not_matter(document, random):
    def shuffled(value):
        if isinstance(value, dict):
            keys = list(value)
            random.shuffle(keys)
            return {key: shuffled(value[key]) for key in keys}
        return [shuffled(each) for each in value] if isinstance(value, list) else value

    assert framework_of(shuffled(document)) == framework_of(document)


def test_the_published_json_schema_is_the_one_that_the_model_gives():
    assert PUBLISHED.schema == json_schema()
    jsonschema.Draft202012Validator.check_schema(PUBLISHED.schema)


@pytest.mark.parametrize("slug", library.slugs())
def test_the_published_json_schema_takes_every_ready_made_framework(slug):
    assert list(PUBLISHED.iter_errors(library.document(slug))) == []


@GENTLY
@given(whole_documents() | damaged_documents())
def test_the_published_json_schema_takes_exactly_what_is_loaded(document):
    original = copy.deepcopy(document)

    assert PUBLISHED.is_valid(document) == (load(document).framework is not None)
    assert document == original


@GENTLY
@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(),
        lambda below: st.lists(below) | st.dictionaries(st.text(), below),
    )
)
def test_no_document_whatever_raises(document):
    load(document)


def test_every_field_of_the_model_is_documented():
    words = (DOCS / "framework-document.md").read_text(encoding="utf-8")
    described = set(re.findall(r"`([a-z_]+)`|\"([a-z_]+)\"", words))
    names = {name for pair in described for name in pair if name}
    classes = [
        each for each in vars(model).values() if isinstance(each, type) and hasattr(each, "__dataclass_fields__")
    ]

    missing = {field.name for each in classes if each is not Text for field in shape_of(each)} - names

    assert missing == set()
    assert Framework in classes and Code in classes
