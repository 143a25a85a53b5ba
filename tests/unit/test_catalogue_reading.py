"""Tokens of search and rows of files, without a database."""

import contextlib
import csv
import io
import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from marketplace.catalogue.importing import columns, limits, readers, workbooks
from marketplace.catalogue.importing.achievements import AchievementAdapter
from marketplace.catalogue.importing.faults import FileFault, RowFault
from marketplace.catalogue.importing.rows import Row
from marketplace.common import search


def test_chinese_gives_pairs_and_a_last_character_words_stay_whole() -> None:
    assert search.tokens("钠离子电池 LiFePO4") == ["钠离", "离子", "子电", "电池", "池", "lifepo4"]
    assert search.tokens("ＡＢＣ，abc") == ["abc"]
    assert search.tokens("。，!") == []


def test_a_query_wants_every_pair_and_takes_words_as_beginnings() -> None:
    assert search.query("离子 Layer") == "'离子' & 'layer':*"
    assert search.query("钠") == "'钠':*"
    assert search.query("' | 'x':* !") == "'x':*"
    assert search.query("") == ""


@given(st.text())
def test_a_query_is_made_of_quoted_letters_and_digits_alone(text: str) -> None:
    for part in filter(None, search.query(text).split(" & ")):
        word = part.removesuffix(":*")
        assert word[0] == word[-1] == "'"
        assert not set(word[1:-1]) & set("'\\ &|!():*")


@given(st.text(min_size=1))
def test_a_text_is_found_by_itself(text: str) -> None:
    tokens = search.tokens(text)
    for part in filter(None, search.query(text).split(" & ")):
        wanted = part.removesuffix(":*")[1:-1]
        assert any(token.startswith(wanted) if part.endswith(":*") else token == wanted for token in tokens)


def rows_of(content: bytes, name: str = "a.jsonl") -> list[dict | tuple[int, str]]:
    found = readers.read(name, io.BytesIO(content), AchievementAdapter)
    return [row.cells if isinstance(row, Row) else (row[0], row[1].en) for row in found]


CELL = st.text(st.characters(codec="utf-8", exclude_characters="\0\r\n"), max_size=30)


@given(st.lists(st.tuples(CELL, CELL), min_size=1, max_size=20))
def test_whatever_is_written_as_csv_jsonl_or_xlsx_is_read_back(pairs: list[tuple[str, str]]) -> None:
    kept = [{"ref": a, "title": b} for a, b in pairs if a or b]
    text = io.StringIO()
    table = csv.writer(text)
    table.writerows([("ref", "title"), *pairs])
    assert rows_of(text.getvalue().encode(), "a.csv") == kept
    lines = "\n".join(json.dumps(row, ensure_ascii=False) for row in kept)
    assert rows_of(lines.encode()) == kept


@given(st.binary(max_size=300), st.sampled_from(["a.jsonl", "a.csv", "a.xlsx"]))
def test_no_bytes_make_the_readers_fail_otherwise_than_by_a_fault_of_the_file(content: bytes, name: str) -> None:
    with contextlib.suppress(FileFault):
        rows_of(content, name)


def test_line_numbers_are_those_of_the_file() -> None:
    content = b'ref,title\nA,"two\nlines"\n\nB,b,c\n'
    found = list(readers.read("a.csv", io.BytesIO(content), AchievementAdapter))
    assert found[0] == Row(2, {"ref": "A", "title": "two\nlines"})
    number, fault = found[1]
    assert (number, fault.en) == (5, "There are more cells than headings.")


def test_a_sheet_that_claims_to_be_huge_is_read_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    book = Workbook()
    for line in (["ref", "title"], ["A", "甲"]):
        book.active.append(line)
    stream = io.BytesIO()
    book.save(stream)
    assert [row.cells for row in workbooks.read(stream, AchievementAdapter)] == [{"ref": "A", "title": "甲"}]
    monkeypatch.setattr(limits, "SHEET_ROWS", 1)
    with pytest.raises(FileFault, match="more rows than XLSX allows"):
        list(workbooks.read(stream, AchievementAdapter))


def test_headings_are_taken_in_either_language_and_any_width() -> None:
    assert columns.of_headings(["编号 ", "ＴＩＴＬＥ", "Trl", None, ""], AchievementAdapter) == ["ref", "title", "readiness"]


@pytest.mark.parametrize(
    ("value", "text"),
    [(5, "5"), (5.0, "5"), (5.5, "5.5"), (None, ""), ("  a ", "a"), ("=1+1", "=1+1")],
)
def test_a_cell_is_read_as_text(value: object, text: str) -> None:
    assert Row(1, {"ref": value}).text("ref", longest=10) == text


@pytest.mark.parametrize("value", [True, ["a"], {"a": 1}, "\0", "\ud800", "x" * 11])
def test_a_cell_that_is_no_short_text_is_a_fault(value: object) -> None:
    with pytest.raises(RowFault):
        Row(1, {"ref": value}).text("ref", longest=10)


@pytest.mark.parametrize("text", ["20301231", "2030-W01-1", "2030-1-1", "2030-02-30", "2030-12-31T08:00:00"])
def test_a_day_is_written_in_one_way(text: str) -> None:
    assert Row(1, {"protected_until": "2030-12-31"}).day("protected_until") == date(2030, 12, 31)
    with pytest.raises(RowFault):
        Row(1, {"protected_until": text}).day("protected_until")


def test_a_line_that_ends_early_says_that_the_rest_is_empty() -> None:
    read = rows_of("ref,title,protected_until\nA,甲".encode(), "a.csv")
    assert read == [{"ref": "A", "title": "甲", "protected_until": None}]
