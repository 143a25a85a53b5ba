"""Writers of a corpus take turns, so that no reader who saw one of them misses the other."""

from collections.abc import Iterator
from functools import partial
from uuid import UUID

import pytest
from django.db import transaction

from matching.app import memory
from matching.app.models import Document
from matching.app.services import DocumentInput, QueryInput, index_documents, rank
from tests.factories.locks import without_lock
from tests.factories.racing import outcomes, race

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])
FIRST, SECOND, EARLIER = UUID(int=1), UUID(int=2), UUID(int=9)


@pytest.fixture(autouse=True)
def _one_is_there() -> Iterator[None]:
    memory._held.clear()
    write(EARLIER)
    yield
    memory._held.clear()


@transaction.atomic
def write(id_: UUID) -> None:
    index_documents(corpus="team", documents=[DocumentInput(id=id_, title=f"锂电池 {id_.int}", public=True)])


def two_writers_at_once() -> dict[UUID, int]:
    """The second arrives while the first has written and not committed; the number of each."""
    results = race(partial(write, FIRST), partial(write, SECOND), after="matching.app.services.indexing._write")
    assert outcomes(results) == ["done", "done"]
    return dict(Document.objects.filter(object_id__in=[FIRST, SECOND]).values_list("object_id", "version"))


def test_a_second_writer_waits_and_takes_the_next_number() -> None:
    assert two_writers_at_once() == {FIRST: 2, SECOND: 3}
    assert {match.id for match in rank(corpus="team", query=QueryInput(title="锂电池"))} == {FIRST, SECOND, EARLIER}


def test_twin_without_the_lock_both_take_the_same_number() -> None:
    # A reader who came between them holds this number and would never ask for the second document.
    with without_lock("the corpus"):
        assert two_writers_at_once() == {FIRST: 2, SECOND: 2}
