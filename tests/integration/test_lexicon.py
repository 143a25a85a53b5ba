"""Administrators keep the table of names: what they change holds at once, stays told for ever, and is on the ledger."""

import hashlib
from concurrent.futures import ThreadPoolExecutor
from time import sleep
from uuid import UUID

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from ledger.app.models import Inbox, Subject
from marketplace.common import errors
from marketplace.common.actor import Actor
from marketplace.lexicon import selectors
from marketplace.lexicon.services import changing
from matching.app import memory, names
from matching.app.models import LexiconRow, LexiconVersion
from matching.app.services import DocumentInput, QueryInput, index_documents, rank
from matching.engine.lexicon import Concept, Lexicon, shipped
from tests.factories import accounts

pytestmark = pytest.mark.django_db
GEL = UUID(int=7)
NEW = {"chinese": ["气凝胶"], "english": ["aerogel"]}


@pytest.fixture(autouse=True)
def _forget() -> None:
    memory._held.clear()
    names._held.clear()
    names._read.clear()


@pytest.fixture
def admin() -> Actor:
    return accounts.staff_actor("admin")


@pytest.fixture
def _indexed() -> None:
    index_documents(
        corpus="achievement",
        documents=[DocumentInput(id=GEL, title="Aerogel blanket", public=True), DocumentInput(id=UUID(int=8), title="轴承", public=True)],
    )


def found() -> list[UUID]:
    return [match.id for match in rank(corpus="achievement", query=QueryInput(title="气凝胶"))]


@pytest.mark.usefixtures("_indexed")
def test_an_entry_holds_from_the_next_query_on_until_it_is_withdrawn(admin: Actor) -> None:
    assert found() == []
    added = changing.concept_add(actor=admin, **NEW, reason="新领域")
    assert found() == [GEL]
    changed = changing.concept_change(actor=admin, concept_id=added, chinese=["气凝胶", "干凝胶"], english=["xerogel"], reason="改名")
    assert (changed, found()) == (added, [])
    changing.concept_change(actor=admin, concept_id=added, **NEW, reason="改回")
    assert found() == [GEL]
    changing.concept_withdraw(actor=admin, concept_id=added, reason="有误")
    assert found() == []
    with pytest.raises(errors.NotFound):
        changing.concept_withdraw(actor=admin, concept_id=added, reason="有误")


def test_every_version_can_be_read_for_ever_and_its_hash_is_on_the_ledger(admin: Actor) -> None:
    assert selectors.table_at().number == 0
    added = changing.concept_add(actor=admin, **NEW, reason="新领域")
    changing.concept_withdraw(actor=admin, concept_id=added, reason="有误")
    tables = [selectors.table_at(number) for number in (1, 2, 3)]
    assert [len(table.concepts) - len(shipped()) for table in tables] == [0, 1, 0]
    assert [version.reason for version in selectors.history()] == ["有误", "新领域", "as it came with the program"]
    assert [hashlib.sha256(selectors.as_file(table).encode()).hexdigest() for table in tables] == [table.sha256 for table in tables]
    recorded = Subject.objects.filter(kind="lexicon", object_id=changing.TABLE_ID, public=True, type="lexicon.changed")
    inbox = Inbox.objects.filter(id__in=recorded.values("id")).order_by("position")
    told = [bytes(fields).decode() for fields in inbox.values_list("fields", flat=True)]
    assert [table.sha256 in entry for table, entry in zip(tables, told, strict=True)] == [True] * 3
    assert not any("有误" in entry for entry in told)
    with pytest.raises(errors.NotFound):
        selectors.table_at(4)


@pytest.mark.usefixtures("_indexed")
def test_a_version_that_is_rolled_back_is_never_used_again(admin: Actor) -> None:
    with transaction.atomic():
        changing.concept_add(actor=admin, **NEW, reason="新领域")
        assert found() == [GEL]
        transaction.set_rollback(True)
    changing.concept_add(actor=admin, chinese=["毡"], english=["felt"], reason="新领域")
    assert (selectors.table_at().number, found()) == (2, [])


def test_a_file_is_taken_whole_or_not_at_all(admin: Actor) -> None:
    with pytest.raises(errors.Invalid) as refusal:
        changing.table_load(actor=admin, content="chinese,english\n毡,felt\n钢,the\n".encode(), reason="整理")
    assert "第 3 行" in str(refusal.value.fields["file"][0])
    assert selectors.table_at().number == 0
    made = changing.table_load(actor=admin, content="chinese,english\n毡|毛毡,felt\n钙钛矿,perovskite\n".encode(), reason="整理")
    assert (made.number, made.changed) == (2, 1)
    with pytest.raises(changing.NothingChanged):
        changing.table_load(actor=admin, content=selectors.as_file(selectors.table_at()).encode(), reason="再来")


def test_only_an_administrator_of_the_whole_platform_changes_it_and_says_why(admin: Actor) -> None:
    for actor in (
        accounts.staff_actor("reviewer"),
        accounts.staff_actor("admin", region="11"),
        accounts.actor_for(accounts.organisation()),
    ):
        with pytest.raises(errors.Forbidden):
            changing.concept_add(actor=actor, **NEW, reason="新领域")
    with pytest.raises(errors.Invalid) as refusal:
        changing.concept_add(actor=admin, **NEW, reason=" ")
    assert list(refusal.value.fields) == ["reason"]
    changing.concept_add(actor=admin, **NEW, reason="新领域")
    with pytest.raises(changing.NameTaken):
        changing.concept_add(actor=admin, chinese=["气凝胶"], english=["gel"], reason="重复")


def test_the_database_lets_versions_only_grow(admin: Actor) -> None:
    changing.concept_add(actor=admin, **NEW, reason="新领域")
    for statement in ("UPDATE matching_lexiconversion SET reason = ''", "DELETE FROM matching_lexiconrow"):
        with pytest.raises(IntegrityError, match="stays as it was made"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    assert LexiconVersion.objects.count() == 2


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_nothing_is_added_to_a_version_once_it_is_made(admin: Actor) -> None:
    changing.concept_add(actor=admin, **NEW, reason="新领域")
    for version in (1, 2):
        with pytest.raises(IntegrityError, match="stays as it was made"):
            LexiconRow.objects.create(version_id=version, concept="x", chinese=["x"], english=["x"])


def test_a_table_that_is_not_what_its_hash_says_is_not_used(admin: Actor) -> None:
    changing.concept_add(actor=admin, **NEW, reason="新领域")
    LexiconRow.objects.create(version_id=2, concept="x", chinese=["毡"], english=["felt"])
    with pytest.raises(names.TableAltered):
        selectors.table_at()
    with pytest.raises(names.TableAltered):
        names.in_force()


def test_a_table_is_read_once_and_made_ready_once_however_many_ask(admin: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    changing.concept_add(actor=admin, **NEW, reason="新领域")
    made: list[int] = []
    (sha256,) = (row.sha256 for row in LexiconVersion.objects.filter(number=2))
    concepts = selectors.table_at().concepts

    def slowly(given: tuple[Concept, ...]) -> Lexicon:
        made.append(len(given))
        sleep(0.05)
        return Lexicon({}, {}, {}, {}, (), (), frozenset(), frozenset())

    monkeypatch.setattr(Lexicon, "of", slowly)
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(names.lexicon_of, [sha256] * 4))
    assert made == [len(concepts)]
    with CaptureQueriesContext(connection) as asked:
        assert selectors.table_at().concepts is concepts
    assert [one for one in asked.captured_queries if "lexiconrow" in one["sql"]] == []
