"""A wallet's statement as a file: what there was, each movement, what there is, to the fen."""

import csv
import io
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from marketplace.common import clock
from marketplace.common.ids import uuid7
from marketplace.treasury.models import BEIJING
from marketplace.treasury.services import accounts
from tests.factories import accounts as make
from tests.factories.treasury import funded_wallet, held, pay

pytestmark = pytest.mark.django_db


@pytest.fixture
def moved():
    """A wallet with a top-up, a payment and a hold, and its owner's browser."""
    company = make.organisation("company")
    wallet = funded_wallet(1_000_001, company.pk)
    pay(wallet, accounts.agreement_escrow(uuid7()), 250_000, code="agreement.fund")
    held(wallet, accounts.campaign_escrow(uuid7()), 100_000, code="pledge.hold")
    client = Client()
    client.force_login(make.member(company))
    return client


def content(answer) -> bytes:
    assert answer.status_code == 200
    return b"".join(answer.streaming_content)


def rows_of(text: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text.decode("utf-8-sig"))))


def test_a_csv_names_the_balance_before_each_movement_and_the_balance_after(moved) -> None:
    answer = moved.get("/wallet/statement.csv")
    text = content(answer)
    assert text.startswith(b"\xef\xbb\xbf")
    heading, opening, *movements, closing = rows_of(text)
    assert heading[:5] == ["时间（北京）", "事由", "对方账户", "金额（元）", "余额（元）"]
    assert (opening[1], opening[4], closing[1], closing[4]) == ("期初余额", "0.00", "期末余额", "7500.01")
    # A hold does not change the balance, so it is no movement.
    assert [(row[2], row[3], row[4]) for row in movements] == [("银行存管", "10000.01", "10000.01"), ("协议托管", "-2500.00", "7500.01")]
    assert answer["Content-Disposition"].startswith('attachment; filename="jinqiao-statement-')


def test_a_workbook_holds_the_same_as_numbers(moved) -> None:
    sheet = load_workbook(io.BytesIO(content(moved.get("/en/wallet/statement.xlsx")))).active
    rows = list(sheet.iter_rows(values_only=True))
    assert rows[0][:5] == ("Time (Beijing)", "For", "Other account", "Amount (CNY)", "Balance (CNY)")
    assert [(row[3], row[4]) for row in rows[2:-1]] == [(10000.01, 10000.01), (-2500, 7500.01)]
    assert (rows[-1][1], rows[-1][4]) == ("Closing balance", 7500.01)
    assert sheet["D3"].number_format == "#,##0.00"


def test_what_happened_before_the_period_is_in_its_opening_balance(moved) -> None:
    tomorrow = clock.now().astimezone(BEIJING).date() + timedelta(days=1)
    _, opening, closing = rows_of(content(moved.get("/wallet/statement.csv", {"since": f"{tomorrow}", "until": f"{tomorrow}"})))
    assert (Decimal(opening[4]), Decimal(closing[4])) == (Decimal("7500.01"), Decimal("7500.01"))


@pytest.mark.parametrize(
    "period",
    [
        {"since": "yesterday", "until": "2026-01-01"},
        {"since": "2026-02-01", "until": "2026-01-01"},
        {"since": "2026-01-01"},
        {"since": "0001-01-01", "until": "2026-01-01"},
        {"since": "2026-01-01", "until": "9999-12-31"},
    ],
)
def test_a_period_that_is_none_is_refused_with_words(moved, period: dict[str, str]) -> None:
    assert moved.get("/wallet/statement.csv", period).status_code == 422


def test_the_number_of_questions_to_the_database_does_not_grow_with_the_movements(moved) -> None:
    content(moved.get("/wallet/statement.csv"))  # the first request of a browser asks more
    with CaptureQueriesContext(connection) as few:
        content(moved.get("/wallet/statement.csv"))
    wallet = accounts.wallet(make.Organisation.objects.get().pk)
    for _ in range(48):
        pay(wallet, accounts.fee(), 100)
    with CaptureQueriesContext(connection) as many:
        content(moved.get("/wallet/statement.csv"))
    assert len(many) == len(few)
