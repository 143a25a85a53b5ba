"""What is kept of texts that were read: it changes no answer, and there is never more of it than the bounds say."""

import random
import sys
from concurrent.futures import ThreadPoolExecutor
from heapq import nsmallest

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.engine import keys, normalising, tokenising, words
from matching.engine.config import Config
from matching.engine.documents import Document, Query
from matching.engine.explaining import explain
from matching.engine.index import Index
from matching.engine.keys import keys_of
from matching.engine.lexicon import Concept, Lexicon
from matching.engine.normalising import _mapped, normalise
from matching.engine.querying import Parted
from matching.engine.tokenising import terms
from matching.engine.words import KeptWords

DEMANDS = [Document(id=str(number), title=f"锂电池电解液{number}", body="低温循环 welding robot") for number in range(6)]
SUPPLY = Query("锂电池", "robot", offering=True)


def uncovered(index: Index, query: Query) -> list[tuple[str, ...]]:
    return [why.uncovered for why in explain(index, query, index.search(query))]


def test_a_demand_that_is_found_again_is_said_to_ask_the_same_and_after_a_change_it_is_weighed_anew() -> None:
    index = Index.of(DEMANDS)
    first = uncovered(index, SUPPLY)
    assert uncovered(index, SUPPLY) == first == uncovered(Index.of(DEMANDS), SUPPLY)
    assert index.demands.get(DEMANDS[0].fields)
    changed = index.with_documents([Document(id=f"y{number}", title="低温") for number in range(9)])
    assert changed.demands.get(DEMANDS[0].fields) is None
    assert uncovered(changed, SUPPLY) == uncovered(Index.of(changed.documents()), SUPPLY) != first


def test_another_table_of_names_is_kept_with_what_was_read_by_it() -> None:
    index, table = Index.of(DEMANDS), Lexicon.of([Concept(("锂电池",), ("accumulator",))])
    assert index.knowing(table) is index.knowing(table)
    assert index.knowing(Lexicon.of([])).lexicon is not table
    assert index.knowing(index.lexicon) is index


def test_words_are_kept_of_so_many_characters_and_of_no_long_demand() -> None:
    kept = KeptWords()
    texts = [("", f"{number:04}".ljust(2_000), "") for number in range(words.MOST // 1_000)]
    for text in texts:
        kept.keep(text, [(-1, "词", "词")])
    there = [text for text in texts if kept.get(text)]
    assert there
    assert there[-1] == texts[-1]
    assert sum(len(text[1]) for text in there) <= words.MOST
    kept.keep(("", "x" * 5_000, ""), [])
    assert kept.get(("", "x" * 5_000, "")) is None


def test_words_that_several_threads_hand_in_are_counted_once() -> None:
    kept, lines = KeptWords(), [("", f"{number:04}".ljust(2_000), "") for number in range(100)]
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(8) as threads:
            for text in lines:
                list(threads.map(lambda _, text=text: kept.keep(text, []), range(8)))
    finally:
        sys.setswitchinterval(before)
    assert all(kept.get(text) is not None for text in lines)  # together they are shorter than the bound


def test_of_words_and_keys_no_more_are_remembered_than_the_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    text = " ".join(f"w{number} c++ {'long' * 9}{number}" for number in range(40))
    read, known = terms(text, limit=5_000), keys_of(["锂", "电池"] * 20)
    monkeypatch.setattr(tokenising, "_REMEMBERED", 8)
    monkeypatch.setattr(keys, "_REMEMBERED", 8)
    monkeypatch.setattr(tokenising, "_KNOWN", tokenising._Known())
    monkeypatch.setattr(keys, "_KNOWN", keys._Known())
    assert terms(text, limit=5_000) == read
    assert keys_of(["锂", "电池"] * 20).tolist() == known.tolist()
    keys_of(read)
    assert 0 < len(tokenising._KNOWN) <= 8
    assert 0 < len(keys._KNOWN) <= 8
    assert all(piece.isalnum() and len(piece) <= 24 for piece in tokenising._KNOWN)


def test_the_normal_form_of_a_character_has_no_other_so_they_are_changed_in_any_order() -> None:
    codes = [*range(0x3400), *range(0xF900, 0x10000)]
    pieces = {code: normalising._piece(chr(code)) for code in codes}
    assert [hex(code) for code, piece in pieces.items() if len(piece) == 1 and normalising._piece(piece) != piece] == []


@settings(deadline=None, max_examples=50)
@given(st.text(alphabet="锂，。（）ＡＢＣabcXYZΣİ①℃…㎏ 、；：！？１２３ｶﾞ\u0301é", max_size=80), st.sampled_from([0, 2, 32]))
def test_characters_are_changed_at_once_as_they_are_one_by_one(text: str, few: int) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(normalising, "_FEW", few)
        found, slowly = normalise(text), _mapped(text)
    assert found.text == slowly.text
    assert [found.original(at, at + 1) for at in range(len(found.text))] == [slowly.original(at, at + 1) for at in range(len(found.text))]


def test_of_too_many_terms_the_weightiest_count_and_of_equal_ones_the_first_in_the_alphabet(seed: int) -> None:
    draw = random.Random(seed)
    every = [f"t{number}" for number in draw.sample(range(10_000), 60)]
    weights = np.array([draw.choice([0.0, 0.1, 0.2, 0.3]) for _ in every])
    found, places, units = Parted([], every, keys_of(every), np.zeros(60, np.int64)).heaviest(weights, Config(max_query_terms=20))
    by_weight = {term: float(weight) for term, weight in zip(every, weights, strict=True) if weight > 0.0}
    assert sorted(found) == sorted(nsmallest(20, by_weight, key=lambda term: (-by_weight[term], term)))
    assert found == [every[place] for place in places]
    assert units == [round(by_weight[term] * 2**24) for term in found]
