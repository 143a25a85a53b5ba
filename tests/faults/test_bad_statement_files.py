"""Bank statements that nobody should send: each is told what is wrong in both languages, and nothing of it is booked."""

from collections.abc import Iterator

import pytest
from django.db import transaction
from django.utils.translation import override

from ledger.app import services as ledger
from marketplace.treasury.errors import StatementUnreadable
from marketplace.treasury.models import BankStatement, StatementLine, Transfer
from marketplace.treasury.services import statements, topups
from tests.factories import accounts
from tests.factories.bad_statements import BAD_CSV, BAD_ENTRIES, BAD_FILES, BAD_LINES
from tests.factories.camt import document, entry, payment
from tests.factories.treasury import statement_csv

pytestmark = pytest.mark.django_db

WHOLE = {
    **{f"XML: {name}": content for name, content in BAD_FILES.items()},
    **{f"CSV: {name}": content for name, content in BAD_CSV.items()},
    "an entry that never ends": document(entry("E1", 100).replace("<Sts>", "<A>" * 200 + "<Sts>")),
}
PARTS = {
    **{f"XML: {name}": document(bad) for name, (bad, _) in BAD_ENTRIES.items()},
    **{f"CSV: {name}": statement_csv(line) for name, line in BAD_LINES.items()},
}


def state_of_things() -> tuple[int, int, int, int]:
    return BankStatement.objects.count(), StatementLine.objects.count(), Transfer.objects.count(), ledger.height()


@pytest.fixture
def take() -> Iterator:
    officer = accounts.staff_actor("finance")

    def run(content: bytes, name: str = "bad") -> BankStatement:
        with transaction.atomic():
            return statements.import_statement(actor=officer, content=content, name=name)[0]

    return run


def test_there_are_more_than_forty_of_them() -> None:
    assert len(WHOLE) + len(PARTS) > 40


def test_a_file_that_is_bad_as_a_whole_is_refused_in_both_languages_and_leaves_nothing(take) -> None:
    before, told = state_of_things(), {}
    for name, content in {**WHOLE, "100 MB of XML": b"<" + bytes(100 * 1024 * 1024)}.items():
        with pytest.raises(StatementUnreadable) as refusal:
            take(content)
        words = []
        for language in ("zh-hans", "en"):
            with override(language):
                words.append(str(refusal.value))
        told[name] = words
    assert state_of_things() == before
    assert [name for name, (zh, en) in told.items() if not zh or not en.isascii() or zh == en] == []


def test_a_file_whose_every_line_is_bad_books_nothing_and_lists_each_fault(take) -> None:
    before, told = state_of_things(), {}
    for name, content in PARTS.items():
        (fault,) = take(content, name).faults
        told[name] = (fault["zh"], fault["en"])
    after = state_of_things()
    assert (after[0] - before[0], after[1:3]) == (len({*PARTS.values()}), before[1:3])
    assert [name for name, (zh, en) in told.items() if not zh or not en.isascii()] == []


def test_a_line_twice_in_one_file_and_again_in_another_is_booked_once(take) -> None:
    company = accounts.organisation("company")
    reference, _ = topups.issue_reference(actor=accounts.actor_for(company))
    line = f"B-1,2026-11-23,100.00,in,甲,1,{reference.code}"
    first = take(statement_csv(line, line))
    again = take(statement_csv(line, "B-2,2026-11-23,1.00,in,,,"))
    assert (first.lines_known, again.lines_known, StatementLine.objects.count()) == (1, 1, 2)
    assert [row.fen for row in Transfer.objects.filter(code="treasury.topup")] == [10_000]


def test_a_line_that_comes_again_with_another_amount_direction_or_time_is_a_fault(take) -> None:
    take(statement_csv("B-1,2026-11-23,100.00,in,,,"))
    lines = ("B-1,2026-11-23,200.00,in,,,", "B-1,2026-11-23,100.00,out,,,", "B-1,2026-11-24,100.00,in,,,")
    assert [take(statement_csv(line)).faults[0]["field"] for line in lines] == ["bank_line_id"] * 3
    assert StatementLine.objects.get().fen == 10_000


def test_payments_that_say_more_than_their_entry_are_not_booked(take) -> None:
    made = take(document(entry("E1", 100, payment(100), payment(100))))
    assert (made.lines.count(), made.faults[0]["field"]) == (0, "TxDtls")
