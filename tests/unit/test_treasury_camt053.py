"""A bank's XML: what is read, what is a fault of one entry, and what is refused as a whole."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.treasury.errors import StatementUnreadable
from marketplace.treasury.services import statement_lines
from marketplace.treasury.services.reading import read
from marketplace.treasury.services.statement_lines import Closing, Fault, ReadLine
from tests.factories.camt import NAMESPACE, balance, document, entry, payment


def test_an_entry_of_one_payment_is_one_line_with_payer_and_reference() -> None:
    (line,) = read(document(entry("E1", 120_050, payment(120_050, reference="JQ-ABCD-EFGH 充值"))))
    assert isinstance(line, ReadLine)
    assert (line.number, line.bank_line_id, line.fen, line.direction) == (1, "E1", 120_050, "in")
    assert line.booked_at.astimezone(UTC) == datetime(2026, 11, 22, 16, tzinfo=UTC)
    assert (line.payer_name, line.payer_account, line.reference) == ("砺禾储能", "6222000011112222", "JQ-ABCD-EFGH 充值")


def test_an_entry_of_several_payments_is_a_line_for_each_with_ids_that_stay_the_same() -> None:
    content = document(entry("E1", 300, payment(100), payment(200, ref="OWN")))
    lines = [line for line in read(content) if isinstance(line, ReadLine)]
    assert [(line.bank_line_id, line.fen) for line in lines] == [("E1/1", 100), ("OWN", 200)]


def test_money_that_left_and_an_entry_without_details_are_lines_too() -> None:
    (line,) = read(document(entry("E9", 700, direction="DBIT")))
    assert isinstance(line, ReadLine)
    assert (line.direction, line.fen, line.payer_name) == ("out", 700, "")


@pytest.mark.parametrize("version", ["02", "06", "08", "13"])
def test_every_version_of_the_message_since_the_second_is_read(version: str) -> None:
    state = "BOOK" if version < "08" else "<Cd>BOOK</Cd>"
    content = document(entry("E1", 100, state=state), namespace=NAMESPACE[:-2] + version)
    assert [type(row) for row in read(content)] == [ReadLine]


def test_the_closing_balance_is_read_and_the_opening_one_passed_over() -> None:
    content = document(balance(500, kind="OPBD"), balance(123_456), entry("E1", 100))
    assert [row for row in read(content) if isinstance(row, Closing)] == [Closing(123_456, date(2026, 11, 23))]


@pytest.mark.parametrize(("fen", "side", "closing"), [(0, "CRDT", 0), (100, "DBIT", -100)])
def test_a_closing_balance_may_be_nothing_or_a_debt(fen: int, side: str, closing: int) -> None:
    assert list(read(document(balance(fen, side=side)))) == [Closing(closing, date(2026, 11, 23))]


BAD_ENTRIES = {
    "pending": (entry("E1", 100, state="<Cd>PDNG</Cd>"), "Sts"),
    "no state": (entry("E1", 100, state=""), "Sts"),
    "no direction": (entry("E1", 100, direction=""), "CdtDbtInd"),
    "unknown direction": (entry("E1", 100, direction="IN"), "CdtDbtInd"),
    "no date": (entry("E1", 100, day=""), "BookgDt"),
    "a German date": (entry("E1", 100, day="23.11.2026"), "BookgDt"),
    "a day that is none": (entry("E1", 100, day="2026-02-30"), "BookgDt"),
    "nothing": (entry("E1", 0), "Amt"),
    "negative": (entry("E1", 100).replace("1.00", "-1.00"), "Amt"),
    "thousandths": (entry("E1", 100).replace("1.00", "1.005"), "Amt"),
    "an exponent": (entry("E1", 100).replace("1.00", "1e3"), "Amt"),
    "full-width digits": (entry("E1", 100).replace("1.00", "１.００"), "Amt"),
    "more than the books hold": (entry("E1", 100).replace("1.00", "90071992547409.92"), "Amt"),
    "no amount": (entry("E1", 100).replace('<Amt Ccy="CNY">1.00</Amt>', ""), "Amt"),
    "dollars": (entry("E1", 100).replace("CNY", "USD"), "Amt"),
    "no currency": (entry("E1", 100).replace(' Ccy="CNY"', ""), "Amt"),
    "payments that do not add up": (entry("E1", 300, payment(100), payment(100)), "TxDtls"),
    "a payment without amount": (entry("E1", 300, payment(300), payment(100).replace('<Amt Ccy="CNY">1.00</Amt>', "")), "TxDtls"),
    "no id": (entry("", 100), "bank_line_id"),
    "a long id": (entry("E" * 65, 100), "bank_line_id"),
    "a long name": (entry("E1", 100, payment(100, payer="长" * 201)), "payer_name"),
    "a long account": (entry("E1", 100, payment(100, account="1" * 65)), "payer_account"),
    "a long reference": (entry("E1", 100, payment(100, reference="x" * 401)), "reference"),
    "a tab in a name": (entry("E1", 100, payment(100, payer="a\tb")), "payer_name"),
}


@pytest.mark.parametrize("name", BAD_ENTRIES)
def test_a_bad_entry_names_its_element_and_the_good_ones_around_it_stay(name: str) -> None:
    bad, field = BAD_ENTRIES[name]
    first, fault, last = read(document(entry("A", 100), bad, entry("B", 200)))
    assert isinstance(first, ReadLine)
    assert isinstance(last, ReadLine)
    assert isinstance(fault, Fault)
    assert (fault.line, fault.field) == (2, field)
    assert fault.zh
    assert fault.en


GOOD = document(entry("E1", 100))
BAD_FILES = {
    "cut off": GOOD[:-20],
    "cut off inside an entry": GOOD[: GOOD.index(b"<BookgDt>")],
    "only the declaration": b'<?xml version="1.0"?>',
    "another message": document(namespace=NAMESPACE.replace("053", "052")),
    "a namespace of nobody": document(namespace="urn:example"),
    "no namespace": GOOD.replace(f' xmlns="{NAMESPACE}"'.encode(), b""),
    "a page": b"<html><body>Login</body></html>",
    "a document type": b'<!DOCTYPE Document SYSTEM "file:///etc/passwd">' + GOOD.partition(b"\n")[2],
    "entities that grow": b'<!DOCTYPE d [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;">]><d>&b;</d>',
    "an entity nobody declared": GOOD.replace(b"E1", b"&x;"),
    "a control character": GOOD.replace(b"E1", b"E\x00"),
    "an encoding that is none": GOOD.replace(b"UTF-8", b"UTF-99"),
    "bytes that are not its encoding": GOOD.replace(b"E1", b"\xff\xfe"),
    "two roots": GOOD + GOOD.partition(b"\n")[2],
    "tags that cross": GOOD.replace(b"</Sts>", b"</Amt>", 1),
    "two accounts": GOOD.replace(b"</Stmt>", b"</Stmt><Stmt><Acct><Id><IBAN>CN2</IBAN></Id></Acct></Stmt>"),
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_file_that_is_no_statement_is_refused_as_a_whole(name: str) -> None:
    with pytest.raises(StatementUnreadable) as refusal:
        list(read(BAD_FILES[name]))
    assert str(refusal.value)


def test_a_hundred_megabytes_are_refused_before_they_are_parsed() -> None:
    with pytest.raises(StatementUnreadable, match="20 MB"):
        read(b"<" + bytes(100 * 1024 * 1024))


def test_more_entries_than_one_file_may_bring_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(statement_lines, "MAX_LINES", 2)
    with pytest.raises(StatementUnreadable, match="2"):
        list(read(document(*[entry(f"E{number}", 100) for number in range(3)])))


@given(st.binary(max_size=300))
def test_no_bytes_whatever_break_the_reader(tail: bytes) -> None:
    try:
        for row in read(GOOD[: GOOD.index(b"<Ntry>")] + tail):
            assert isinstance(row, ReadLine | Fault | Closing)
    except StatementUnreadable:
        pass


def test_the_payments_of_one_entry_count_as_lines_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(statement_lines, "MAX_LINES", 3)
    assert len(list(read(document(entry("E1", 300, *[payment(100)] * 3))))) == 3
    with pytest.raises(StatementUnreadable):
        list(read(document(entry("E1", 400, *[payment(100)] * 4))))


def test_an_amount_beyond_any_books_is_a_fault_and_no_closing_balance() -> None:
    content = document(balance(100), entry("E1", 100)).replace(b">1.00<", b">" + b"9" * 5000 + b"<")
    (fault,) = read(content)
    assert isinstance(fault, Fault)
    assert fault.field == "Amt"
