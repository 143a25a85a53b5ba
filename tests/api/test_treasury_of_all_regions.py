"""Files and statements name payees and payers of every region: an office of one region has none of them."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from marketplace.common.errors import NotFound
from marketplace.treasury import errors
from marketplace.treasury.models import LineDecision, OrderForm, StatementLine
from marketplace.treasury.services import decisions, payment_orders, statements
from marketplace.workflow.performing import perform
from tests.factories import accounts, funding
from tests.factories.treasury import statement_csv

pytestmark = pytest.mark.django_db
HEBEI = "13"
LINE = "B1,2026-11-23,30.00,in,某公司,622200001111,货款"


@pytest.fixture(autouse=True)
def _a_real_bank(settings) -> None:
    settings.PAYMENT_GATEWAY = "bank_transfer"


@pytest.fixture
def line() -> StatementLine:
    return statements.import_statement(actor=accounts.staff_actor("finance"), content=statement_csv(LINE), name="s.csv")[0].lines.get()


def proposed(line: StatementLine) -> LineDecision:
    return decisions.propose(actor=accounts.staff_actor("finance"), line_id=line.pk, organisation_id=None)


@pytest.mark.parametrize("office", ["finance", "auditor"])
def test_an_office_of_one_region_reads_no_payment_file_no_statement_and_no_decision(office: str, line: StatementLine) -> None:
    order, decision = funding.payment_order(), proposed(line)
    addresses = [
        "/api/v1/payment-orders/",
        "/api/v1/payment-orders/waiting/",
        f"/api/v1/payment-orders/{order.pk}/",
        f"/api/v1/payment-orders/{order.pk}/file/",
        "/api/v1/bank-statements/",
        "/api/v1/bank-statements/waiting-lines/",
        f"/api/v1/bank-statements/{line.statement_id}/",
        "/api/v1/line-decisions/",
        f"/api/v1/line-decisions/{decision.pk}/",
        "/payment-orders/",
        f"/payment-orders/{order.pk}/",
        f"/payment-orders/{order.pk}/file/",
        "/bank-statements/",
        f"/bank-statements/{line.statement_id}/",
    ]
    whole, regional = (accounts.api_client(accounts.staff(office, region=region)) for region in ("", HEBEI))
    assert {whole.get(address).status_code for address in addresses} == {200}
    assert {address: regional.get(address).status_code for address in addresses} == dict.fromkeys(addresses, 404)


def test_the_desk_of_one_region_shows_its_payouts_and_nobody_elses_payee(line: StatementLine) -> None:
    waiting = funding.scheduled_payouts(70_000)[0]
    client = accounts.api_client(accounts.staff("finance", region=HEBEI))
    page = client.get("/finance/").content.decode()
    assert [
        text for text in (waiting.organisation.name, waiting.reference, "某公司", "/payment-orders/", "/bank-statements/") if text in page
    ] == []
    assert "待我审批" in page
    assert client.get(f"/api/v1/payouts/{waiting.pk}/").status_code == 404


def test_an_officer_of_one_region_makes_no_file_imports_nothing_and_proposes_nothing(line: StatementLine) -> None:
    (payout,) = funding.scheduled_payouts(10_000)
    officer: Any = accounts.staff_actor("finance", region=HEBEI)
    for attempt in (
        lambda: payment_orders.make_order(actor=officer, form=OrderForm.CSV, payments=[payout.pk]),
        lambda: statements.import_statement(actor=officer, content=statement_csv(LINE), name="again.csv"),
        lambda: decisions.propose(actor=officer, line_id=line.pk, organisation_id=None),
    ):
        with pytest.raises(errors.ForFinanceOnly):
            attempt()
    with pytest.raises(NotFound):
        perform("give_back", proposed(line), officer)
    client = accounts.api_client(accounts.staff("finance", region=HEBEI))
    upload = {"file": SimpleUploadedFile("s.csv", statement_csv(LINE))}
    assert client.post("/api/v1/bank-statements/", upload, headers={"Idempotency-Key": "k-1"}).status_code == 403
