"""Lines from before ids and messages had one form: the migration puts them into it, and none is booked or taken a second time."""

import importlib
from datetime import UTC, datetime

import pytest

from marketplace.treasury.models import BankStatement, StatementLine
from marketplace.treasury.services import statements
from tests.factories import accounts as make
from tests.factories.guards import as_owner
from tests.factories.treasury import statement_csv

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])
ONE_FORM = importlib.import_module("marketplace.treasury.migrations.0016_lines_in_one_form").ONE_FORM


def test_old_lines_are_put_into_the_form_of_new_ones_and_are_known_by_it() -> None:
    officer = make.staff_actor("finance")
    old, _ = statements.import_statement(actor=officer, content=statement_csv("B0,2026-11-23,1.00,in,,,"), name="old.csv")
    moment = datetime(2026, 11, 22, 16, tzinfo=UTC)
    for number, name in enumerate(("ＢＫ－１ ", "BK-2", "ＢＫ－２"), start=3):
        StatementLine.objects.create(
            statement=old, number=number, bank_line_id=name, booked_at=moment, fen=100, direction="in",
            payer_account="６２２２ 0001", reference="充值\u3000ＪＱ",
        )  # fmt: skip
    as_owner(ONE_FORM)
    lines = StatementLine.objects.filter(number__gt=2).order_by("number")
    # The last one's form is another's already.
    assert [line.bank_line_id for line in lines] == ["BK-1", "BK-2", "ＢＫ－２"]
    assert {(line.payer_account, line.reference) for line in lines} == {("62220001", "充值 JQ")}
    again, _ = statements.import_statement(actor=officer, content=statement_csv("ＢＫ－１,2026-11-23,1.00,in,,,"), name="new.csv")
    assert (again.lines_known, again.lines.count(), BankStatement.objects.count()) == (1, 0, 2)
    with pytest.raises(Exception, match="may only be matched, once"):
        as_owner("UPDATE treasury_statementline SET reference = 'x'")
