"""A bank's CSV: what is read, and which field is named when a line is not."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.treasury.errors import StatementUnreadable
from marketplace.treasury.models import Direction
from marketplace.treasury.services.csv_statement import COLUMNS
from marketplace.treasury.services.layouts import STANDARD
from marketplace.treasury.services.reading import read
from marketplace.treasury.services.statement_lines import Closing, Fault, ReadLine

HEADING = ",".join(COLUMNS)
GOOD = "B1,2026-11-23T09:40:00,1200.50,in,燕汀工业大学,6222000011112222,JQ-ABCD-EFGH"


def rows(*lines: str, heading: str = HEADING) -> list[ReadLine | Fault | Closing]:
    return list(read("\n".join([heading, *lines]).encode()))


def test_a_good_line_is_read_to_the_fen_and_to_beijings_time() -> None:
    (line,) = rows(GOOD)
    assert isinstance(line, ReadLine)
    assert (line.number, line.bank_line_id, line.fen, line.direction) == (2, "B1", 120_050, "in")
    assert line.booked_at.astimezone(UTC) == datetime(2026, 11, 23, 1, 40, tzinfo=UTC)
    assert (line.payer_name, line.payer_account, line.reference) == ("燕汀工业大学", "6222000011112222", "JQ-ABCD-EFGH")


def test_ids_accounts_and_messages_have_one_form_however_the_bank_writes_them_and_names_stay_as_they_are() -> None:
    wide = "ＢＫ　－２００\u200b１ ,2026-11-23,1,in,津桥（北京）\u3000公司,６２２２ 0000\u30001111,充值\u3000\u3000ＪＱ－ＡＢＣＤ－ＥＦＧＨ"
    (line,) = rows(wide)
    assert isinstance(line, ReadLine)
    assert (line.bank_line_id, line.payer_account, line.reference) == ("BK -2001", "622200001111", "充值 JQ-ABCD-EFGH")
    assert line.payer_name == "津桥（北京）\u3000公司"


def test_columns_may_stand_in_any_order_and_beside_others() -> None:
    (line,) = rows(
        "x,JQ,,,out,3,2026-11-23,B9", heading="extra,reference,payer_account,payer_name,direction,amount_yuan,booked_at,bank_line_id"
    )
    assert isinstance(line, ReadLine)
    assert (line.bank_line_id, line.fen, line.direction, line.reference) == ("B9", 300, "out", "JQ")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_chinese_banks_encodings_are_read(encoding: str) -> None:
    (line,) = list(read(f"{HEADING}\r\n{GOOD}\r\n".encode(encoding)))
    assert isinstance(line, ReadLine)
    assert line.payer_name == "燕汀工业大学"


@pytest.mark.parametrize(
    ("line", "field"),
    [
        (",2026-11-23,1,in,,,", "bank_line_id"),
        ("B" * 65 + ",2026-11-23,1,in,,,", "bank_line_id"),
        ("B1,23.11.2026,1,in,,,", "booked_at"),
        ("B1,2026-02-30,1,in,,,", "booked_at"),
        ("B1,0001-01-01,1,in,,,", "booked_at"),
        ("B1,,1,in,,,", "booked_at"),
        ("B1,2026-11-23,1.005,in,,,", "amount_yuan"),
        ("B1,2026-11-23,-1,in,,,", "amount_yuan"),
        ("B1,2026-11-23,0.00,in,,,", "amount_yuan"),
        ("B1,2026-11-23,1e3,in,,,", "amount_yuan"),
        ("B1,2026-11-23,１２,in,,,", "amount_yuan"),
        ('B1,2026-11-23,"1,23",in,,,', "amount_yuan"),
        ("B1,2026-11-23,90071992547409.92,in,,,", "amount_yuan"),
        ("B1,2026-11-23,1,inward,,,", "direction"),
        ("B1,2026-11-23,1,in,a\x00b,,", "payer_name"),
        ("B1,2026-11-23,1,in,,," + "长" * 401, "reference"),
        ("B1,2026-11-23,1,in,,", ""),
        ("B1,2026-11-23,1,in,,,,", ""),
    ],
)
def test_a_bad_line_names_its_field_and_the_good_ones_around_it_stay(line: str, field: str) -> None:
    first, fault, last = rows(GOOD, line, GOOD.replace("B1", "B3", 1))
    assert isinstance(first, ReadLine)
    assert isinstance(last, ReadLine)
    assert isinstance(fault, Fault)
    assert (fault.line, fault.field) == (3, field)
    assert fault.zh
    assert fault.en


def test_an_amount_may_have_thousands_separators() -> None:
    (line,) = rows('B1,2026-11-23,"1,234,567.80",收入,,,')
    assert isinstance(line, ReadLine)
    assert line.fen == 123_456_780


def test_an_open_quote_ends_the_reading_with_a_fault_at_its_line() -> None:
    good, fault = rows(GOOD, 'B2,2026-11-23,1,in,"open,,')
    assert isinstance(good, ReadLine)
    assert isinstance(fault, Fault)
    assert fault.line == 3


def test_empty_lines_are_passed_over_and_still_counted() -> None:
    good, fault = rows("", GOOD, "", "B2,x,1,in,,,")
    assert (good.number, fault.line) == (3, 5)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe\x00\x00\x80",
        b"bank_line_id,booked_at\n",
        (HEADING + ",reference\n").encode(),
        b"%PDF-1.7\n%\xe2\xe3\xcf\xd3",
    ],
)
def test_a_file_that_is_no_statement_is_refused_as_a_whole(content: bytes) -> None:
    with pytest.raises(StatementUnreadable):
        list(read(content))


@given(st.binary(max_size=400))
def test_no_bytes_whatever_break_the_reader(tail: bytes) -> None:
    try:
        for row in read(HEADING.encode() + b"\n" + tail):
            assert isinstance(row, ReadLine | Fault)
    except StatementUnreadable:
        pass


@pytest.mark.parametrize("amount", ["9" * 5000, "1" + ",000" * 2000, "9" * 18])
def test_an_amount_beyond_any_books_is_a_fault_in_a_line_and_in_a_balance(amount: str) -> None:
    (line,) = rows(GOOD.replace("1200.50", f'"{amount}"'))
    assert isinstance(line, Fault)
    assert line.field == "amount_yuan"
    good, balance = rows(f'{GOOD},"{amount}"', heading=f"{HEADING},balance_yuan")
    assert isinstance(good, ReadLine)
    assert isinstance(balance, Fault)
    assert balance.field == "balance_yuan"


DAYS = [f"B{day},2026-11-{day},1,in,,,,{day}.00" for day in (21, 22, 23)]


@pytest.mark.parametrize(
    ("lines", "closing"),
    [
        (DAYS, Closing(2_300, date(2026, 11, 23))),
        (DAYS[::-1], Closing(2_300, date(2026, 11, 23))),
        ([*DAYS, "B24,2026-11-24,x,in,,,,24.00"], None),
        (["B24,2026-11-24,x,in,,,,24.00", *DAYS[::-1]], None),
        ([*DAYS[:2], DAYS[2].replace("23.00", "?")], None),
    ],
)
def test_the_closing_balance_is_the_newest_rows_whichever_way_the_file_runs(lines: list[str], closing: Closing | None) -> None:
    found = [row for row in rows(*lines, heading=f"{HEADING},balance_yuan") if isinstance(row, Closing)]
    assert found == ([closing] if closing else [])


def test_a_fault_of_direction_names_few_of_many_words() -> None:
    words = {f"{number}".rjust(80, "x"): Direction.IN for number in range(40)}
    (fault,) = list(read(f"{HEADING}\n{GOOD}".encode(), replace(STANDARD, directions=words)))
    assert isinstance(fault, Fault)
    assert (fault.field, len(fault.zh) < 400) == ("direction", True)
