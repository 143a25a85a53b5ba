"""What only the caller can judge is asked of the best that were found; the answer is as if all it refuses had never been handed in."""

import random
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from uuid import UUID

import pytest

from matching.app.services import fitting
from matching.engine.documents import Document, Filters, Query
from matching.engine.index import Index

WORDS = [f"wort{number}" for number in range(40)]


@dataclass
class Judge:
    """Lets these pass; remembers of how many it was asked, and whether for all that pass."""

    passing: frozenset[UUID]
    judged: list[UUID] = field(default_factory=list)
    asked_for_few: int = 0

    def among(self, ids: Sequence[UUID]) -> Collection[UUID]:
        self.judged += ids
        return self.passing.intersection(ids)

    def few(self, most: int) -> Collection[UUID] | None:
        self.asked_for_few += 1
        return self.passing if len(self.passing) <= most else None


def index_of(draw: random.Random, size: int) -> Index:
    regions = ("11", "12")
    return Index.of(
        Document(id=str(UUID(int=number)), body=" ".join(draw.choices(WORDS, k=8)), attributes={"region_code": draw.choice(regions)})
        for number in range(size)
    )


@pytest.mark.parametrize("share", [0.0, 0.01, 0.1, 0.5, 1.0])
def test_it_finds_what_a_search_finds_that_left_out_all_others_before(share: float, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    draw = random.Random(f"{seed} {share}")
    index = index_of(draw, 300)
    for many, few in ((10, 5), (10, 1_000), (1_000, 0)):
        monkeypatch.setattr(fitting, "MANY", many)
        monkeypatch.setattr(fitting, "FEW", few)
        for filters in (Filters(), Filters(region_codes=frozenset({"11"}))):
            query = Query(body=" ".join(draw.choices(WORDS, k=6)))
            judge = Judge(frozenset(UUID(int=number) for number in range(300) if draw.random() < share))
            refused = frozenset(str(UUID(int=number)) for number in range(300) if UUID(int=number) not in judge.passing)
            search = fitting.Fitting(index, query, filters, judge).search
            for depth in sorted(draw.sample(range(1, 300), 3)):
                wanted = index.search(query, Filters(region_codes=filters.region_codes, excluded_ids=refused), k=depth)
                assert [(hit.document.id, hit.score, hit.soft) for hit in search(depth)] == [
                    (hit.document.id, hit.score, hit.soft) for hit in wanted
                ]
            assert len(judge.judged) == len(set(judge.judged))  # nothing is asked twice


def test_where_most_pass_few_are_judged_and_where_next_to_none_do_those_are_asked_for(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    index, query = index_of(random.Random(seed), 500), Query(body=" ".join(WORDS))
    everybody = frozenset(UUID(int=number) for number in range(500))
    easy = Judge(everybody)
    assert len(fitting.Fitting(index, query, Filters(), easy).search(10)) == 10
    assert (len(easy.judged), easy.asked_for_few) == (fitting.AHEAD * 10, 0)
    monkeypatch.setattr(fitting, "MANY", 100)
    strict = Judge(frozenset({UUID(int=7)}))
    assert len(fitting.Fitting(index, query, Filters(), strict).search(10)) == 1
    assert (len(strict.judged) <= 200, strict.asked_for_few) == (True, 1)
