"""A bank's XML: what is read, what is a fault of one entry, and what is refused as a whole."""

import tracemalloc
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.treasury.errors import StatementUnreadable
from marketplace.treasury.services import camt053, statement_lines
from marketplace.treasury.services.reading import read
from marketplace.treasury.services.statement_lines import Closing, Fault, ReadLine
from tests.factories.bad_statements import BAD_ENTRIES, BAD_FILES, GOOD
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


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_file_that_is_no_statement_is_refused_as_a_whole(name: str) -> None:
    with pytest.raises(StatementUnreadable) as refusal:
        list(read(BAD_FILES[name]))
    assert str(refusal.value)


def test_a_hundred_megabytes_are_refused_before_they_are_parsed() -> None:
    with pytest.raises(StatementUnreadable, match="20 MB"):
        read(b"<" + bytes(100 * 1024 * 1024))


JUNK = {
    "elements beside the entries": lambda times: b"<Note>n</Note>" * 500 * times,
    "elements inside one that is passed over": lambda times: b"<TxsSummry>" + b"<Note><A/><B/></Note>" * 200 * times + b"</TxsSummry>",
    "entries that are not booked": lambda times: entry("P", 100, state="<Cd>PDNG</Cd>").encode() * 50 * times,
}


@pytest.mark.parametrize("name", JUNK)
def test_memory_does_not_grow_with_what_a_file_holds(name: str) -> None:
    def most(times: int) -> int:
        content = GOOD.replace(b"<Ntry>", JUNK[name](times) + b"<Ntry>", 1)
        tracemalloc.start()
        try:
            for row in read(content):
                assert row
            return tracemalloc.get_traced_memory()[1] - len(content)
        finally:
            tracemalloc.stop()

    assert most(40) < most(20) + 100_000


@pytest.mark.parametrize("inside", [b"<A>" * 200, b"<A/>" * 2_000])
def test_an_entry_that_is_too_deep_or_too_large_ends_the_reading(inside: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(camt053, "MOST_HELD", 1_000)
    with pytest.raises(StatementUnreadable, match="嵌套"):
        list(read(GOOD.replace(b"<Sts>", inside + b"<Sts>", 1)))


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
