"""Payment files: pain.001.001.09 as the standard orders its elements, and CSV."""

import csv
import io
from datetime import UTC, datetime
from uuid import UUID
from xml.etree.ElementTree import Element, fromstring

import pytest

from marketplace.treasury.models import OrderForm
from marketplace.treasury.services.payment_files import NAMESPACE, Payer, Payment, write
from tests.factories.pain001 import breaches

AT = datetime(2026, 11, 23, 16, 30, 5, tzinfo=UTC)  # the 24th in Beijing
PAYER = Payer("津桥存管专户", "110000000000000001", "渡口银行北京分行")
PAYMENTS = [
    Payment("payout", UUID(int=1), "PAY0000000001", "燕赵大学", "6222000012345678", "中国银行海淀支行", 123_456_789),
    Payment("payout", UUID(int=2), "PAY0000000002", "A & B <Lab>\x07", "6222000087654321", "", 11),
]


def document(payments=PAYMENTS) -> Element:
    return fromstring(write(OrderForm.PAIN001, number="JQ0123456789AB", at=AT, payer=PAYER, payments=payments))


def texts(root: Element, name: str) -> list[str | None]:
    return [one.text for one in root.iter(f"{{{NAMESPACE}}}{name}")]


def test_the_xml_has_the_elements_of_the_standard_in_its_order() -> None:
    root = document()
    assert root.tag == f"{{{NAMESPACE}}}Document"
    assert list(breaches(root)) == []


def test_the_structure_check_sees_a_wrong_order_and_a_missing_element() -> None:
    for change in (lambda group: group.append(group[0]), lambda group: group.remove(group[0]), lambda group: group.insert(0, group[3])):
        root = document()
        change(root[0][0])
        assert len(list(breaches(root))) == 1


@pytest.mark.parametrize(
    ("name", "text"),
    [("MsgId", "9" * 36), ("Ustrd", "9" * 141), ("Id", "9" * 35), ("Nm", ""), ("InstdAmt", "1,000.00"), ("CtrlSum", "-1"),
     ("Dt", "24.11.2026"), ("PmtMtd", "SWIFT"), ("ChrgBr", "OUR"), ("NbOfTxs", "two"), ("Ccy", "RMB "), ("EndToEndId", " PAY1")],
)  # fmt: skip
def test_the_structure_check_sees_a_text_that_is_too_long_or_of_another_type(name: str, text: str) -> None:
    root = document()
    [one for one in root.iter(f"{{{NAMESPACE}}}{name}") if not len(one)][-1].text = text
    assert len(list(breaches(root))) == 1


@pytest.mark.parametrize("fen", [1, 100, 2**53 - 1])
@pytest.mark.parametrize(
    ("name", "account", "bank"),
    [
        ("𠮷" * 160, "9" * 34, ""),
        ("\u0958" * 80, "62220000", "\u0958" * 80),
        (" a\r\n\tb ", "1", "中国 & <银行>"),
        ("\x00津桥\ufffe", "A-1", "x" * 120),
    ],
)
def test_whatever_payees_are_called_the_file_keeps_to_the_standard(name: str, account: str, bank: str, fen: int) -> None:
    awkward = Payment("payout", UUID(int=3), "RET0000000003", name, account, bank, fen)
    assert list(breaches(document([awkward] * 2))) == []


def test_the_control_sum_and_the_count_are_those_of_the_payments() -> None:
    root = document()
    assert texts(root, "CtrlSum") == ["1234568.00", "1234568.00"]
    assert texts(root, "NbOfTxs") == ["2", "2"]
    assert texts(root, "InstdAmt") == ["1234567.89", "0.11"]
    assert {one.get("Ccy") for one in root.iter(f"{{{NAMESPACE}}}InstdAmt")} == {"CNY"}


def test_each_payment_carries_its_end_to_end_id_where_a_statement_will_show_it() -> None:
    root = document()
    assert texts(root, "EndToEndId") == texts(root, "Ustrd") == ["PAY0000000001", "PAY0000000002"]
    assert texts(root, "MsgId") == ["JQ0123456789AB"]


def test_the_day_of_execution_is_beijings() -> None:
    root = document()
    assert texts(root, "Dt") == ["2026-11-24"]
    assert texts(root, "CreDtTm") == ["2026-11-24T00:30:05+08:00"]


def test_names_are_escaped_cut_to_what_the_schema_takes_and_free_of_control_characters() -> None:
    long = Payment("payout", UUID(int=3), "PAY0000000003", "&" * 150, "62220000", "", 1)
    names = texts(document([*PAYMENTS, long]), "Nm")
    assert "A & B <Lab>" in names
    assert names[-1] == "&" * 140


def test_the_same_order_gives_the_same_bytes() -> None:
    made = [write(form, number="JQ1", at=AT, payer=PAYER, payments=PAYMENTS) for form in OrderForm for _ in range(2)]
    assert (made[0], made[2]) == (made[1], made[3])
    assert made[0] != made[2]


def test_the_csv_has_one_line_per_payment_and_no_formula() -> None:
    trap = Payment("payout", UUID(int=4), "PAY0000000004", "燕赵大学", "62220000", '=HYPERLINK("x")', 100)
    text = write(OrderForm.CSV, number="JQ1", at=AT, payer=PAYER, payments=[PAYMENTS[0], trap]).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["amount_yuan"] for row in rows] == ["1234567.89", "1.00"]
    assert [row["end_to_end_id"] for row in rows] == [row["message"] for row in rows] == ["PAY0000000001", "PAY0000000004"]
    assert rows[1]["payee_bank"] == '\'=HYPERLINK("x")'
