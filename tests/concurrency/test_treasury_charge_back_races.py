"""Two debits of one top-up at the same moment: it is taken back once."""

from typing import Any

import pytest
from django.db import transaction

from marketplace.treasury import selectors
from marketplace.treasury.models import StatementLine
from marketplace.treasury.services import statements, topups
from marketplace.treasury.services.checking import check
from tests.factories import accounts as make
from tests.factories.locks import without_constraint
from tests.factories.racing import race, replaced
from tests.factories.treasury import statement_csv

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])

DECIDED = "marketplace.treasury.services.charging_back.may_be_charged_back"
ONCE = "statement_line_charged_back_once"


def offered(line: StatementLine) -> bool:
    with transaction.atomic():
        return statements.offer_line(line.pk)


def two_debits_of_one_top_up() -> list[Any]:
    """The first has read that the top-up stands, and not committed, when the second asks; the wallet holds twice as much."""
    company = make.organisation("company")
    code = topups.issue_reference(actor=make.actor_for(company))[0].code
    rows = [f"BK-2026-{number},2026-11-23,10.00,in,,,{code}" for number in (1, 2)]
    content = statement_csv(*rows, "D1,2026-11-24,10.00,out,,,BK-2026-1", "D2,2026-11-24,10.00,out,,,BK-2026-1")
    statement, _ = statements.import_statement(actor=make.staff_actor("finance"), content=content, name="s.csv")
    first, second = statement.lines.filter(direction="out").order_by("number")
    results = race(lambda: offered(first), lambda: offered(second), after=DECIDED)
    return [
        *sorted(type(one).__name__ if isinstance(one, Exception) else str(one) for one in results),
        selectors.wallet_of(company.pk).posted_fen,
    ]


def test_a_top_up_is_taken_back_once_by_the_lock_alone() -> None:
    with without_constraint(ONCE):
        assert two_debits_of_one_top_up() == ["False", "True", 1_000]


def test_without_the_lock_the_unique_key_still_refuses_the_second() -> None:
    with replaced("marketplace.workflow.performing.lock_row", lambda lock: lambda row: type(row)._base_manager.get(pk=row.pk)):
        assert two_debits_of_one_top_up() == ["IntegrityError", "True", 1_000]


def test_twin_without_the_lock_and_the_key_it_is_taken_back_twice() -> None:
    with without_constraint(ONCE):
        with replaced("marketplace.workflow.performing.lock_row", lambda lock: lambda row: type(row)._base_manager.get(pk=row.pk)):
            assert two_debits_of_one_top_up() == ["True", "True", 0]
        assert {finding.rule.code for finding in check()} == {"B8b"}
