"""Payment orders and the finance desk, as pages and over HTTP."""

import hashlib

import pytest
from django.test import Client

from marketplace.common.ids import uuid7
from marketplace.treasury.models import PaymentOrder
from marketplace.treasury.services import payment_orders, statements
from tests.factories import accounts, camt, funding
from tests.factories.treasury import statement_csv

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _a_real_bank(settings) -> None:
    settings.PAYMENT_GATEWAY = "bank_transfer"


def browser(person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def test_finance_chooses_payments_on_the_page_and_downloads_the_file_again_byte_for_byte() -> None:
    first, second = funding.scheduled_payouts(70_000, 30_000)
    client = browser(accounts.staff("finance"))
    page = client.get("/payment-orders/").content.decode()
    assert all(payout.reference in page for payout in (first, second))
    made = client.post("/payment-orders/", {"form": "pain001", "payments": [str(first.pk)]})
    order = PaymentOrder.objects.get()
    assert made["Location"] == f"/payment-orders/{order.pk}/"
    files = [client.get(f"/payment-orders/{order.pk}/file/") for _ in range(2)]
    assert [hashlib.sha256(file.content).hexdigest() for file in files] == [order.sha256] * 2
    assert files[0]["Content-Disposition"] == f'attachment; filename="{order.number}.xml"'
    shown = client.get(f"/payment-orders/{order.pk}/").content.decode()
    assert (first.reference in shown, second.reference in shown, "划付中" in shown) == (True, False, True)


def test_a_payment_that_no_longer_waits_is_told_on_the_page() -> None:
    first, second = funding.scheduled_payouts(70_000, 30_000)
    client = browser(accounts.staff("finance"))
    assert client.post("/payment-orders/", {"form": "csv", "payments": [str(first.pk)]}).status_code == 302
    again = client.post("/en/payment-orders/", {"form": "csv", "payments": [str(first.pk), str(second.pk)]})
    assert again.status_code == 422
    assert "no longer wait" in again.content.decode()


def test_the_page_offers_as_many_as_a_file_holds_and_says_that_more_wait(monkeypatch) -> None:
    first, second = funding.scheduled_payouts(70_000, 30_000)
    client = browser(accounts.staff("finance"))
    both = client.get("/en/payment-orders/").content.decode()
    monkeypatch.setattr(payment_orders, "MOST_PAYMENTS", 1)
    page = client.get("/en/payment-orders/").content.decode()
    assert (first.reference in page, second.reference in page) == (True, False)
    assert ("the rest follow" in both, "the rest follow" in page) == (False, True)
    assert client.post("/payment-orders/", {"form": "csv", "payments": [str(first.pk)]}).status_code == 302
    assert second.reference in client.get("/payment-orders/").content.decode()


def test_a_full_page_of_payments_is_a_form_that_the_server_takes(settings) -> None:
    page = {"form": "csv", "payments": [str(uuid7()) for _ in range(payment_orders.MOST_PAYMENTS)]}
    assert browser(accounts.staff("finance")).post("/payment-orders/", page).status_code == 422
    assert payment_orders.MOST_PAYMENTS * 2 < settings.DATA_UPLOAD_MAX_NUMBER_FIELDS


def test_over_http_the_same_key_makes_one_file() -> None:
    payouts = funding.scheduled_payouts(70_000, 30_000)
    client = accounts.api_client(accounts.staff("finance"))
    assert [row["end_to_end_id"] for row in client.get("/api/v1/payment-orders/waiting/").data] == [payout.reference for payout in payouts]
    body = {"form": "csv", "payments": [str(payout.pk) for payout in payouts]}
    made, again = (client.post("/api/v1/payment-orders/", body, format="json", headers={"Idempotency-Key": "o-1"}) for _ in range(2))
    assert (made.status_code, again.status_code, again.json()["id"]) == (201, 201, made.json()["id"])
    assert [(row["fen"], row["state"]) for row in made.json()["instructions"]] == [(70_000, "processing"), (30_000, "processing")]
    file = client.get(f"/api/v1/payment-orders/{made.json()['id']}/file/")
    assert hashlib.sha256(file.content).hexdigest() == made.json()["sha256"]


def test_the_desk_shows_what_waits_and_whether_bank_and_books_agree() -> None:
    (payout,) = funding.scheduled_payouts(70_000)
    asked = funding.payout_of(payout.organisation, 5_000)
    client = browser(accounts.staff("finance"))
    content = camt.document(camt.balance(700_00), camt.entry("X-1", 123, camt.payment(123, reference="?")))
    lines = statement_csv("B-1,2026-11-23,1.00,in,谁,1,无附言")
    for name, file in (("day.xml", content), ("day.csv", lines)):
        statements.import_statement(actor=accounts.staff_actor("finance"), content=file, name=name)
    page = client.get("/finance/").content.decode()
    approve = f"/payouts/{asked.pk}/actions/approve_1/"
    for text in (payout.reference, asked.reference, approve, "无附言", "**** 5678", "银行收盘余额", "¥700.00"):
        assert text in page
    assert "Reconciliation" in client.get("/en/finance/").content.decode()
