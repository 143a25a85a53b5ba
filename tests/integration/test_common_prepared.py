"""What is prepared says and reads what the ORM would, for other values than those it was written with."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection, connections, transaction
from django.forms.models import model_to_dict
from django.test.utils import CaptureQueriesContext

from marketplace.accounts.models import Organisation
from marketplace.common import clock
from marketplace.common.models import IdempotentAnswer, OutboxEvent
from marketplace.common.prepared import Prepared, insert, update
from marketplace.demands.models import Demand
from tests.factories import accounts, demands

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("opener")]


def whole(row: Any) -> dict[str, Any]:
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


def test_objects_are_those_of_the_orm_with_what_is_joined_and_what_is_computed() -> None:
    drafts = [demands.demand(until="draft") for _ in range(2)]
    asked = Prepared(
        lambda key: Demand.objects.select_related("organisation").defer("search").annotate(read_at=clock.Reading()).filter(pk=key), UUID
    )
    for draft in drafts:
        (found,) = asked.all(str(draft.pk))
        plain = Demand.objects.select_related("organisation").get(pk=draft.pk)
        assert model_to_dict(found) == model_to_dict(plain)
        assert clock.now() > clock.of(found.read_at)
        with CaptureQueriesContext(
            connection,
        ) as said:
            assert whole(found.organisation) == whole(plain.organisation)
        assert len(said) == 0


def test_rows_of_values_and_none_at_all_are_read_too() -> None:
    one = accounts.organisation("funder")
    named = Prepared(lambda kind, region: Organisation.objects.filter(kind=kind, region_code=region).values_list("pk", "kind"), str, str)
    assert named.first("funder", one.region_code) == (one.pk, "funder")
    assert named.all("funder", "999999") == []
    assert named.first("nothing", one.region_code) is None


def test_a_value_that_the_question_does_not_take_is_a_fault_when_it_is_written() -> None:
    with pytest.raises(TypeError, match="no place"):
        Prepared(lambda key, name: Organisation.objects.filter(pk=key), UUID, str).all(uuid4(), "x")


def test_a_row_is_locked_only_inside_a_transaction(monkeypatch: pytest.MonkeyPatch) -> None:
    locking = Prepared(lambda key: Organisation.objects.select_for_update().filter(pk=key), UUID)
    assert locking.all(uuid4()) == []
    monkeypatch.setattr(connections["default"], "in_atomic_block", False)
    with pytest.raises(transaction.TransactionManagementError):
        locking.all(uuid4())


def test_an_insertion_is_that_of_the_orm_and_brings_back_the_identity_given() -> None:
    def event(topic: str) -> OutboxEvent:
        return OutboxEvent(topic=topic, kind="k", object_id=uuid4(), payload={"令": [1, None, "'"]}, created_at=clock.now())

    one, two, by_orm = event("a"), event("b"), event("c")
    insert([one, two])
    by_orm.save()
    assert one.position < two.position < by_orm.position
    assert [whole(OutboxEvent.objects.get(pk=row.pk)) for row in (one, two, by_orm)] == [whole(row) for row in (one, two, by_orm)]
    one.attempts = 3
    one.save()  # known to be there: updated, not inserted again
    assert OutboxEvent.objects.get(pk=one.pk).attempts == 3


def test_an_update_writes_every_column_and_says_when_the_row_is_gone() -> None:
    draft = demands.demand(until="draft")
    draft.title_zh, draft.review_note = "改了的标题 coating", "ä"
    update(draft)
    assert whole(Demand.objects.get(pk=draft.pk)) == {**whole(draft), "search": Demand.objects.get(pk=draft.pk).search}
    assert Demand.objects.filter(search__finds="改了的标题").get() == draft
    gone = IdempotentAnswer(pk=10**9, actor_key="a", key="b", fingerprint=b"c", status=200, body={}, created_at=clock.now())
    with pytest.raises(IdempotentAnswer.DoesNotExist):
        update(gone)
