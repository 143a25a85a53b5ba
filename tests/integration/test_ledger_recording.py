"""What an intent becomes, and what the public log gives away of it: nothing that it should not."""

import json
from datetime import datetime
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, connection, transaction

from ledger.app import models, selectors
from ledger.app import services as ledger
from ledger.engine import canonical, commitment
from ledger.engine.errors import LedgerFault
from tests.factories.recorded import MOMENT, record

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "sequencer", "owner"])


def raw_entries():
    return [bytes(raw) for raw in models.Entry.objects.order_by("seq").values_list("bytes", flat=True)]


def fields():
    return [canonical.decode(raw) for raw in raw_entries()]


def test_a_receipt_is_pending_until_the_sequencer_has_passed_and_names_the_real_type_for_ever():
    intent = record(type="bid.submitted", public=False)
    assert ledger.receipt(intent) == ledger.Receipt("pending", None, None, MOMENT, "bid.submitted")
    assert ledger.sequence_batch() == 1
    (entry,) = models.Entry.objects.all()
    assert ledger.receipt(intent) == ledger.Receipt("sealed", 0, bytes(entry.leaf_hash).hex(), MOMENT, "bid.submitted")
    assert ledger.receipt(uuid4()) is None


def test_a_public_entry_shows_type_and_body_and_commits_to_what_is_private():
    object_id = uuid4()
    record(object_id=object_id, body={"title": "轴承", "fen": 120_000}, private={"person": "张三"})
    ledger.sequence_batch()
    (entry,) = fields()
    assert (entry["type"], entry["body"], entry["at"]) == (
        "demand.published",
        {"title": "轴承", "fen": 120_000},
        "2026-03-01T08:00:00.000Z",
    )
    secret = selectors.secret_of("demand", object_id)
    assert entry["subject"] == commitment.subject_handle(secret)
    assert entry["actor"] == commitment.actor_handle(secret, str(UUID(int=1)))
    shown = models.Disclosure.objects.get()
    assert (shown.label, bytes(shown.value)) == ("person", '"张三"'.encode())
    assert commitment.opens(entry["commit"]["person"], salt=bytes(shown.salt), label="person", value="张三")


def test_a_sealed_entry_shows_one_commitment_and_opens_for_whoever_is_given_the_salts():
    object_id = uuid4()
    intent = record(kind="bid", object_id=object_id, public=False, type="bid.submitted", body={"fen": 9_900}, private={"plan": "方案"})
    ledger.sequence_batch()
    (entry,) = fields()
    assert (entry["type"], entry["body"], set(entry["commit"])) == ("sealed.v1", {}, {"sealed"})
    shown = {one.label: one for one in models.Disclosure.objects.filter(intent_id=intent)}
    assert set(shown) == {"sealed", "type", "body", "plan"}
    inner = canonical.decode(bytes(shown["sealed"].value))
    assert commitment.opens(entry["commit"]["sealed"], salt=bytes(shown["sealed"].salt), label="sealed", value=inner)
    for label, value in {"type": "bid.submitted", "body": {"fen": 9_900}, "plan": "方案"}.items():
        assert commitment.opens(inner[label], salt=bytes(shown[label].salt), label=label, value=value)
    (row,) = ledger.entries_of("bid", object_id)
    assert (row.type, row.body, row.disclosures["plan"], row.public) == ("bid.submitted", {"fen": 9_900}, "方案", False)


def test_no_private_value_name_or_identifier_stands_in_any_byte_that_the_public_can_fetch():
    canary, person, organisation, object_id = "金丝雀7Q2", "李四光9K", uuid4(), uuid4()
    for public in (True, False):
        private = {"person": person, "note": {"deep": [canary]}, "organisation": organisation}
        record(
            object_id=object_id,
            public=public,
            actor=organisation,
            body={"title": "公开"} if public else {"secret": canary},
            private=private,
        )
    ledger.sequence_batch()
    published = b"".join(raw_entries())
    assert "公开".encode() in published
    for hidden in (canary, person, str(organisation), organisation.hex, str(object_id), object_id.hex, "secret"):
        assert hidden.encode() not in published, hidden
        assert json.dumps(hidden).strip('"').encode() not in published, hidden
    salts = [bytes(one.salt).hex().encode() for one in models.Disclosure.objects.all()]
    secrets = [bytes(one.secret).hex().encode() for one in models.Handle.objects.all()]
    assert not any(hidden in published for hidden in [*salts, *secrets])


def test_sealed_entries_of_one_object_and_of_many_cannot_be_told_apart():
    same = uuid4()
    for number in range(6):
        record(
            object_id=same if number < 3 else uuid4(),
            public=False,
            type=["bid.submitted", "pledge.made"][number % 2],
            actor=None if number == 4 else UUID(int=1),
            body={"fen": 10**number},
            private={f"label{number}": "x" * number},
        )
    ledger.sequence_batch()
    entries = fields()
    # No value that could be counted is shared, and neither lengths nor names differ.
    for name in ("subject", "actor", "id"):
        assert len({entry[name] for entry in entries}) == 6, name
    assert len({entry["commit"]["sealed"] for entry in entries}) == 6
    assert {
        (entry["type"], str(entry["body"]), tuple(entry["commit"]), len(raw)) for entry, raw in zip(entries, raw_entries(), strict=True)
    } == {("sealed.v1", "{}", ("sealed",), len(raw_entries()[0]))}


def test_the_same_actor_has_another_name_in_every_object():
    record(object_id=uuid4())
    record(object_id=uuid4())
    ledger.sequence_batch()
    first, second = fields()
    assert first["actor"] != second["actor"]
    assert first["subject"] != second["subject"]


def test_the_public_entries_of_one_object_are_linked_and_its_sealed_ones_are_not():
    same = uuid4()
    record(object_id=same, public=False)
    record(object_id=same)
    record(object_id=same)
    ledger.sequence_batch()
    sealed, first, second = fields()
    assert first["subject"] == second["subject"] != sealed["subject"]
    assert first["actor"] == second["actor"] != sealed["actor"]


def test_equal_private_values_have_different_commitments():
    same = uuid4()
    record(object_id=same, private={"person": "张三", "other": "张三"})
    record(object_id=same, private={"person": "张三"})
    ledger.sequence_batch()
    first, second = fields()
    assert len({first["commit"]["person"], first["commit"]["other"], second["commit"]["person"]}) == 3


def test_an_intent_lives_and_dies_with_its_transaction():
    with transaction.atomic():
        record(id=UUID(int=5))
        assert models.Inbox.objects.count() == 1
        transaction.set_rollback(True)
    assert ledger.receipt(UUID(int=5)) is None
    assert not models.Inbox.objects.exists()
    with pytest.raises(transaction.TransactionManagementError):
        ledger.record(id=UUID(int=5), type="a", subject=ledger.Subject("demand", uuid4(), True), actor=None, at=MOMENT, body={})


def test_an_id_is_recorded_once_even_after_it_has_left_the_inbox():
    intent = record()
    with pytest.raises(IntegrityError):
        record(id=intent)
    ledger.sequence_batch()
    with pytest.raises(IntegrityError):
        record(id=intent)
    assert ledger.height() == 1


def test_a_value_that_cannot_be_canonical_is_refused_where_it_is_recorded():
    with pytest.raises(LedgerFault, match="float"):
        record(body={"price": 1.5})
    with pytest.raises(LedgerFault, match="labels"):
        record(private={"sealed": 1})
    assert not models.Subject.objects.exists()


@pytest.mark.breaks_books("an intent moves money that no transfer moves")
def test_entries_of_an_object_come_in_order_with_waiting_ones_last():
    same = uuid4()
    ids = [record(object_id=same, type=f"demand.step{number}", money=number == 1) for number in range(3)]
    record()
    ledger.sequence_batch(limit=2)
    rows = ledger.entries_of("demand", same)
    assert [(row.id, row.type, row.seq, row.status, row.money) for row in rows] == [
        (ids[0], "demand.step0", 0, "sealed", False),
        (ids[1], "demand.step1", 1, "sealed", True),
        (ids[2], "demand.step2", None, "pending", False),
    ]
    assert ledger.money_ids() == {ids[1]}
    assert ledger.entries_of("demand", uuid4()) == []


def test_lag_is_the_age_of_the_oldest_that_waits():
    assert ledger.lag_seconds() == 0
    record()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(0.05)")
    assert 0.05 <= ledger.lag_seconds() < 30
    ledger.sequence_batch()
    assert ledger.lag_seconds() == 0


def test_erasing_a_value_removes_it_and_its_salt_and_leaves_a_log_that_still_verifies():
    same = uuid4()
    intent = record(object_id=same, private={"person": "张三", "reason": "留"})
    record(private={"person": "张三"}, public=False)
    ledger.sequence_batch()
    before = raw_entries()
    assert ledger.erase("张三", at=MOMENT) == 2
    assert "张三".encode() not in b"".join(bytes(one.value) for one in models.Disclosure.objects.all())
    ledger.sequence_batch()
    assert raw_entries()[:2] == before
    row = ledger.entries_of("demand", same)[-1]
    assert (row.type, row.body) == ("ledger.erased", {"entries": [{"id": str(intent), "labels": ["person"]}]})
    assert ledger.entries_of("demand", same)[0].disclosures == {"reason": "留"}
    assert ledger.audit() == []
    assert ledger.erase("张三", at=MOMENT) == 0


def test_erasing_an_object_forgets_the_bodies_of_its_sealed_entries():
    same = uuid4()
    record(kind="bid", object_id=same, public=False, body={"plan": "方案甲"})
    ledger.sequence_batch()
    assert ledger.erase_objects("bid", [same, uuid4()], at=MOMENT) == 3
    kept = b"".join(bytes(one.value) for one in models.Disclosure.objects.all())
    assert "方案甲".encode() not in kept
    ledger.sequence_batch()
    assert [row.type for row in ledger.entries_of("bid", same)] == ["demand.published", "ledger.erased"]
    assert ledger.audit() == []


def test_entries_keep_the_business_moment_to_the_millisecond():
    at = datetime.fromisoformat("2026-03-01T16:00:00.123999+08:00")
    intent = record(at=at)
    assert ledger.receipt(intent).at == datetime.fromisoformat("2026-03-01T08:00:00.123+00:00")
