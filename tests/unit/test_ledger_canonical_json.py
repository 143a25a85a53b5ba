import json
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from uuid import UUID

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.engine import canonical
from ledger.engine.errors import NotCanonical
from tests.factories.ledger import VECTORS, WITHOUT_VECTORS

FOLDER = VECTORS / "rfc8785-jcs" / "testdata"
needs_vectors = pytest.mark.skipif(not FOLDER.is_dir(), reason=WITHOUT_VECTORS)

text = st.text(st.characters(exclude_categories=["Cs"])).map(canonical.normalise)
keys = st.text(st.characters(max_codepoint=127))
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | text,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=12,
)


@given(values)
@settings(max_examples=300, deadline=None)
def test_inside_the_profile_the_bytes_are_those_of_an_independent_rfc_8785_encoder(value):
    assert canonical.encode(value) == rfc8785.dumps(value)


@given(values)
@settings(max_examples=200, deadline=None)
def test_what_is_encoded_decodes_to_the_same_value(value):
    assert canonical.decode(canonical.encode(value)) == value


@needs_vectors
def test_the_published_array_example_has_the_published_bytes():
    value = json.loads((FOLDER / "input" / "arrays.json").read_bytes())
    assert canonical.encode(value) == (FOLDER / "output" / "arrays.json").read_bytes().rstrip(b"\n")


@needs_vectors
@pytest.mark.parametrize("name", ["french", "structures", "unicode", "values", "weird"])
def test_published_examples_outside_the_profile_are_refused_not_misread(name):
    with pytest.raises(NotCanonical):
        canonical.encode(json.loads((FOLDER / "input" / f"{name}.json").read_bytes()))


@pytest.mark.parametrize(
    "value",
    [1.0, float("nan"), 2**53, -(2**53), "\ud800", "e\u0301", {"é": 1}, {1: 2}, b"x", {1, 2}, (1, 2)],
    ids=repr,
)
def test_a_value_outside_the_profile_is_refused(value):
    with pytest.raises(NotCanonical):
        canonical.encode(value)


def test_nesting_without_end_is_refused():
    value: list = []
    for _ in range(100):
        value = [value]
    with pytest.raises(NotCanonical):
        canonical.encode(value)


@pytest.mark.parametrize(
    "data",
    [b'{"a":1,"a":1}', b'{"a": 1}', b'{"b":1,"a":2}', b"1.0", b"1e3", b"NaN", b'"\\u0041"', b"\xff", b"{", b"[" * 100_000, b'"\\ud800"'],
    ids=lambda data: repr(data[:12]),
)
def test_bytes_that_are_not_the_one_spelling_are_refused(data):
    with pytest.raises(NotCanonical):
        canonical.decode(data)


def test_python_values_become_values_of_the_profile():
    given_values = {
        "when": datetime(2026, 3, 1, 16, 0, 0, 999_999, tzinfo=timezone(timedelta(hours=8))),
        "day": date(2026, 3, 1),
        "id": UUID(int=7),
        "rate": Decimal("0.20"),
        "name": "e\u0301",
        "pair": (1, None),
        "flag": True,
    }
    assert canonical.normalise(given_values) == {
        "when": "2026-03-01T08:00:00.999Z",
        "day": "2026-03-01",
        "id": "00000000-0000-0000-0000-000000000007",
        "rate": "0.20",
        "name": "é",
        "pair": [1, None],
        "flag": True,
    }


def test_a_float_or_a_naive_moment_is_refused_rather_than_rounded_or_guessed():
    with pytest.raises(NotCanonical, match="float"):
        canonical.normalise({"price": 1.5})
    with pytest.raises(NotCanonical, match="time zone"):
        canonical.normalise(datetime(2026, 3, 1, tzinfo=UTC).replace(tzinfo=None))
