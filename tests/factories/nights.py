"""Small corpora matched as in a night: blocks of two demands, shards of three achievements."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from matching.app import memory, storage
from matching.app.models import Place, Run
from matching.app.services import DocumentInput, index_documents, nightly
from matching.app.services.pieces import do_piece

SUPPLY = [UUID(int=number) for number in range(100, 125)]
DEMANDS = [UUID(int=number) for number in range(1, 6)]
WORDS = ("锂电池", "回收", "电解液", "机器人", "焊接")


def with_nothing_remembered(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A fixture: a data folder of the test's own, files for few documents already, and no index, rule or reading from before."""
    settings.DATA_DIR = tmp_path
    monkeypatch.setattr(storage, "LEAST", 10)
    monkeypatch.setattr(os, "fsync", lambda _: None)
    monkeypatch.setattr("matching.app.services.rules._known", {})
    # The tests' own transaction stands for what is committed.
    monkeypatch.setattr(memory, "_sees_only_what_is_committed", lambda: True)
    memory._held.clear()
    yield
    memory._held.clear()


def supply(*numbers: int, words: str = "锂电池") -> None:
    """Hand in some of the achievements; three teams, two regions, many of equal score."""
    index_documents(
        corpus="achievement",
        documents=[
            DocumentInput(
                id=SUPPLY[number],
                title=f"{words} {WORDS[number % 5]}",
                body=WORDS[number % 3],
                attributes={"region_code": "110108" if number % 2 else "120104", "team": "ABC"[number % 3] if number % 4 else None},
                public=True,
            )
            for number in numbers
        ],
    )


def demands(*numbers: int, words: str = "锂电池") -> None:
    """Hand in some of the demands."""
    index_documents(
        corpus="demand",
        documents=[
            DocumentInput(
                id=DEMANDS[number], title=f"{words} {WORDS[number]}", body="回收利用", attributes={"region_code": "110108"}, public=True
            )
            for number in numbers
        ],
    )


def everything() -> None:
    supply(*range(len(SUPPLY)))
    demands(*range(len(DEMANDS)))


def crowd(demands_: int, words: str) -> None:
    """So many demands, and as many achievements that are told by these words."""
    for corpus, texts in (("demand", WORDS), ("achievement", (words, *WORDS))):
        index_documents(
            corpus=corpus,
            documents=[
                DocumentInput(id=UUID(int=1000 + number), title=f"{texts[number % len(texts)]} {number % 7}", body="回收利用", public=True)
                for number in range(demands_)
            ],
        )


def night(block: int = 2, shard: int = 3) -> Run:
    """Begin a run, or go on with the one under way, and bring it to its end."""
    run = nightly.begin("achievement", block=block, shard=shard)
    for piece in nightly.left(run):
        do_piece(piece)
    if nightly.finish(run):
        nightly.tidy()
    run.refresh_from_db()
    return run


def placed(run: Run) -> list[tuple[UUID, UUID, float, int, bool]]:
    rows = Place.objects.filter(run=run).order_by("demand_id", "rank")
    return list(rows.values_list("demand_id", "object_id", "score", "rank", "lifted"))


def ten(corpus: str, demand_id: UUID) -> list[tuple[UUID, bool]]:
    """A demand's places as the run that serves has them: document, and whether it was lifted there."""
    rows = Place.objects.filter(run__corpus=corpus, run__serving=True, demand_id=demand_id).order_by("rank")
    return list(rows.values_list("object_id", "lifted"))
