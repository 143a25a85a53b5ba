"""A line of a statement is found again however the bank writes its id, and two lines of one file are never taken for one."""

import pytest

from marketplace.common.actor import Actor
from marketplace.common.ids import uuid7
from marketplace.treasury.models import BankStatement, Direction, StatementLine
from marketplace.treasury.services import statements, twins
from marketplace.treasury.services.statement_lines import naming
from tests.factories import camt
from tests.factories.treasury import statement_csv

pytestmark = pytest.mark.django_db

FINANCE = Actor(person_id=uuid7(), staff="finance")


def line(id: str, yuan: str = "100.00") -> str:
    return f"{id},2026-11-23,{yuan},in,燕汀公司,6222,"


def imported(*lines: str) -> BankStatement:
    statement, _ = statements.import_statement(actor=FINANCE, content=statement_csv(*lines), name="day.csv")
    return statement


def told(statement: BankStatement) -> tuple[set[str], int, int]:
    """The ids that it brought, how many lines were known, and how many are at fault."""
    return set(statement.lines.values_list("bank_line_id", flat=True)), statement.lines_known, len(statement.faults)


@pytest.mark.parametrize(
    ("once", "again"),
    [("ＡＢ１２", "AB12"), ("AB12", "ＡＢ１２"), ("Ａ\u3000Ｂ１２", "A B12"), ("AB 12", "A B12"), ("AB12", "AB\u200b12")],
    ids=["half after full width", "full after half width", "a wide blank", "other blanks", "an invisible character"],
)
def test_a_line_that_came_before_is_the_same_however_its_id_is_written_now(once: str, again: str) -> None:
    assert told(imported(line(once)))[1:] == (0, 0)
    assert told(imported(line(again))) == (set(), 1, 0)
    assert StatementLine.objects.get().bank_line_id == "AB12"


def test_two_lines_of_one_file_whose_ids_differ_by_blanks_are_both_taken_and_known_again_in_any_order() -> None:
    assert told(imported(line("A B12"), line("AB 12"), line("ＡＢ 12"))) == ({"AB12", "AB 12"}, 1, 0)
    for lines in (("AB 12", "A B12"), ("A B12",), ("AB 12",), ("AB12", "AB 12")):
        assert told(imported(*(line(name) for name in lines))) == (set(), len(lines), 0)


def test_of_two_ids_that_differ_by_blanks_the_one_that_came_before_is_told_by_what_it_says() -> None:
    assert told(imported(line("AB 12", "100.00"))) == ({"AB12"}, 0, 0)
    assert told(imported(line("A B12", "60.00"), line("AB 12", "100.00"))) == ({"A B12"}, 1, 0)
    assert StatementLine.objects.get(bank_line_id="A B12").fen == 6_000
    assert told(imported(line("AB 12", "100.00"), line("A B12", "60.00"), line("A B12", "61.00"))) == (set(), 2, 1)


def test_where_nothing_agrees_with_what_came_before_nothing_is_taken_for_new() -> None:
    imported(line("AB12", "100.00"))
    assert told(imported(line("A B12", "60.00"), line("AB 12", "70.00"))) == (set(), 0, 2)


def test_payments_of_an_xml_statement_are_told_apart_in_the_same_way() -> None:
    entries = [camt.entry("JY 0001", 10_000), camt.entry("JY0 001", 10_000)]
    statement, _ = statements.import_statement(actor=FINANCE, content=camt.document(*entries), name="day.xml")
    assert told(statement) == ({"JY0001", "JY0 001"}, 0, 0)
    assert told(imported("JY0 001,2026-11-23,100.00,in,,,")) == (set(), 1, 0)


@pytest.mark.parametrize(
    ("reference", "names"),
    [("back: AB12", True), ("back: AB 12", True), ("back: A B12.", True), ("back: AB123", False), ("back: CD34", False)],
)
def test_a_debit_names_a_line_that_is_kept_with_blanks_with_or_without_them(reference: str, names: bool) -> None:
    assert naming(["AB 12"])(reference) is names


def test_a_twin_is_told_from_a_line_that_came_alone() -> None:
    imported(line("A B12"), line("AB 12"), line("CD34"))
    assert [twins.kept_with_blanks(code, Direction.IN) for code in ("AB12", "CD34")] == [True, False]
    assert not twins.kept_with_blanks("AB12", Direction.OUT)


def test_an_officer_names_a_line_by_either_writing() -> None:
    imported(line("A B12"), line("AB 12"))
    names = ("A B12", "AB 12", "ＡＢ\u300012", "AB12", "AB 13")
    assert [found.bank_line_id if (found := twins.line_called(name)) else None for name in names] == [
        "AB12",
        "AB 12",
        "AB 12",
        "AB12",
        None,
    ]
