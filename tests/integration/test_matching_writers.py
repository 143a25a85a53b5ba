"""Writers of a corpus take turns, so that no reader who saw one of them misses the other."""

from collections.abc import Iterator
from threading import Event, Thread
from uuid import UUID

import pytest
from django.db import connection, connections, transaction

from matching.app import memory
from matching.app.models import Corpus, Document
from matching.app.services import DocumentInput, QueryInput, index_documents, indexing, rank

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])
FIRST, SECOND = UUID(int=1), UUID(int=2)


@pytest.fixture(autouse=True)
def _forget() -> Iterator[None]:
    memory._held.clear()
    yield
    memory._held.clear()


def write(id_: UUID) -> None:
    index_documents(corpus="team", documents=[DocumentInput(id=id_, title=f"锂电池 {id_.int}", public=True)])


def found() -> list[UUID]:
    return [match.id for match in rank(corpus="team", query=QueryInput(title="锂电池"))]


@pytest.fixture(autouse=True)
def _one_is_there(_forget: None) -> None:
    write(UUID(int=9))


def versions() -> dict[UUID, int]:
    return dict(Document.objects.filter(object_id__in=[FIRST, SECOND]).values_list("object_id", "version"))


def two_writers_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the second writer arrive while the first has not committed."""
    arrived, failed = Event(), []
    original = indexing._changed

    def announced(*arguments: object) -> object:
        arrived.set()
        return original(*arguments)  # type: ignore[arg-type]

    def second() -> None:
        try:
            write(SECOND)
        except Exception as error:  # noqa: BLE001 (told by the test)
            failed.append(error)
        finally:
            connections.close_all()

    thread = Thread(target=second)
    with transaction.atomic():
        write(FIRST)
        monkeypatch.setattr(indexing, "_changed", announced)
        thread.start()
        assert arrived.wait(10)
        while not _someone_waits():
            assert thread.is_alive()
    thread.join(10)
    assert failed == []


def _someone_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT 1 FROM pg_locks WHERE NOT granted)")
        return bool(cursor.fetchone()[0])


def test_a_second_writer_waits_and_takes_the_next_number(monkeypatch: pytest.MonkeyPatch) -> None:
    two_writers_at_once(monkeypatch)
    assert versions() == {FIRST: 2, SECOND: 3}
    assert set(found()) == {FIRST, SECOND, UUID(int=9)}


def test_without_the_lock_both_take_the_same_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(indexing, "_lock", lambda corpus: Corpus.objects.get(name=corpus))
    two_writers_at_once(monkeypatch)
    # A reader who came between them holds this number and would never ask for the second document.
    assert versions() == {FIRST: 2, SECOND: 2}
