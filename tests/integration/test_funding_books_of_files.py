"""Every payment in a file was sent once, and every payment that was sent is in a file: rules that can fail."""

import pytest

from marketplace.common.ids import uuid7
from marketplace.treasury.models import LineDecision, OrderForm, PaymentInstruction, PaymentOrder
from marketplace.treasury.services import decisions, payment_orders, statements
from marketplace.treasury.services.checking import check
from marketplace.workflow.performing import begin, perform
from tests.factories import accounts, funding, treasury

pytestmark = pytest.mark.django_db


@pytest.mark.breaks_books("a payment was put into a file by hand")
def test_a_payment_in_a_file_that_nothing_sent_is_found() -> None:
    funding.payment_order(10_000)
    row = PaymentInstruction.objects.get()
    row.order = begin(PaymentOrder(form=OrderForm.CSV, made_by=uuid7()), accounts.staff_actor("finance"))
    row.pk, row.end_to_end_id = uuid7(), "PAY0000000000"
    row.save(force_insert=True)
    expected = [("B9c", f"payout {row.object_id}", "2 times in files, sent 1 times")]
    assert [(finding.rule.code, finding.what, finding.detail) for finding in check()] == expected
    PaymentOrder.objects.filter(pk=row.order.pk).update(state="made", payments=1, fen=9_999, sha256="0" * 64)
    expected.append(("B9c", f"order {row.order.number}", "1 payments of 9999 fen, in it 1 of 10000 fen"))
    assert [(finding.rule.code, finding.what, finding.detail) for finding in check() if finding.rule.code == "B9c"] == expected


@pytest.mark.breaks_books("a return at the bank is said to have another reference")
def test_a_return_in_no_file_is_found() -> None:
    content = treasury.statement_csv("B1,2026-11-23,30.00,in,某公司,622200001111,货款")
    statement, _ = statements.import_statement(actor=accounts.staff_actor("finance"), content=content, name="s.csv")
    line_id = statement.lines.get().pk
    decision = decisions.propose(actor=accounts.staff_actor("finance"), line_id=line_id, organisation_id=None)
    perform("give_back", decision, accounts.staff_actor("finance"))
    payment_orders.make_order(actor=accounts.staff_actor("finance"), form=OrderForm.CSV, payments=[decision.pk])
    assert check() == []
    LineDecision.objects.update(reference="RET0000000000")
    assert [(finding.rule.code, finding.what) for finding in check()] == [("B9b", "return RET0000000000")]
