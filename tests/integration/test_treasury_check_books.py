"""The books are checked from the transfers alone: clean books pass, and each kind of break is named."""

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from structlog.testing import capture_logs

from marketplace.common.ids import uuid7
from marketplace.common.text import bi
from marketplace.treasury.services import accounts, checking, transferring
from marketplace.treasury.tasks import check_books
from tests.factories.guards import as_owner, guards_down
from tests.factories.treasury import funded_wallet, held, intent, pay


def broken_rules() -> list[str]:
    return [finding.rule.code for finding in checking.check()]


@pytest.fixture
def busy_books() -> dict[str, object]:
    wallet, escrow = funded_wallet(1_000), accounts.campaign_escrow(uuid7())
    first, second, third = (held(wallet, escrow, fen) for fen in (100, 200, 300))
    with transaction.atomic():
        transferring.post_hold(group=intent(), hold=first, fen=60)
        transferring.void_hold(group=intent(), hold=second)
    return {"wallet": wallet, "escrow": escrow, "open": third, "posted": first}


committed = pytest.mark.django_db(transaction=True, databases=["default", "owner"])


@pytest.mark.django_db
def test_empty_books_are_clean() -> None:
    assert checking.check() == []


@committed
def test_busy_books_are_clean(busy_books, capsys) -> None:
    assert checking.check() == []
    call_command("check_books")
    assert "✓ 账目全部一致" in capsys.readouterr().out


@committed
def test_a_rule_over_all_books_may_take_longer_than_a_page(monkeypatch) -> None:
    slow = checking.Rule(code="B0", title=bi("慢", "Slow"), advice=bi("等", "Wait"), sql="SELECT 'x', 'slow' FROM pg_sleep(0.1)")
    monkeypatch.setattr(checking, "_rules", [slow])
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = '20ms'")
    try:
        assert broken_rules() == ["B0"]
    finally:
        connection.close()


@pytest.mark.breaks_books("a total was changed by hand")
@committed
def test_a_total_changed_by_hand_is_found_and_the_command_fails(busy_books, capsys) -> None:
    wallet = busy_books["wallet"]
    with guards_down("treasury_account"):
        as_owner("UPDATE treasury_account SET posted_in = posted_in + 1 WHERE id = %s", wallet.pk)
    assert broken_rules() == ["B1"]
    with pytest.raises(SystemExit) as stopped:
        call_command("check_books")
    assert stopped.value.code == 1
    printed = capsys.readouterr()
    assert f"B1 wallet {wallet.pk}: in 1001/1000 out 60/60" in printed.err
    assert "B1   ✗ 1" in printed.out


@pytest.mark.breaks_books("a transfer was taken out")
@committed
def test_a_transfer_taken_out_is_found(busy_books) -> None:
    paid = pay(busy_books["wallet"], accounts.fee(), 5)
    with guards_down("treasury_transfer"):
        as_owner("DELETE FROM treasury_transfer WHERE id = %s", paid.pk)
    assert sorted(broken_rules()) == ["B1", "B1", "B5b"]


@pytest.mark.breaks_books("an amount was rewritten")
@committed
def test_an_amount_rewritten_is_found(busy_books) -> None:
    with guards_down("treasury_transfer"):
        as_owner("UPDATE treasury_transfer SET fen = 101 WHERE pending_id = %s", busy_books["posted"].pk)
    assert sorted(set(broken_rules())) == ["B1", "B4"]


@pytest.mark.breaks_books("the transfer's intent does not say that money moved")
@committed
def test_a_transfer_whose_intent_moves_no_money_is_found() -> None:
    wallet = funded_wallet(10)
    with transaction.atomic():
        transferring.transfer(group=intent(money=False), source=wallet, target=accounts.fee(), fen=1, code="test.pay")
    assert broken_rules() == ["B5a"]


@pytest.mark.breaks_books("an intent says that money moved, and none did")
@committed
def test_an_intent_that_says_money_and_moves_none_is_found() -> None:
    with transaction.atomic():
        lonely = intent()
    (finding,) = checking.check()
    assert (finding.rule.code, finding.what) == ("B5b", f"intent {lonely}")


@pytest.mark.breaks_books("a top-up has no bank line")
@committed
def test_a_top_up_without_its_bank_line_is_found() -> None:
    wallet = accounts.wallet(uuid7())
    pay(accounts.custody(), wallet, 700, code="treasury.topup")
    (finding,) = checking.check()
    assert (finding.rule.code, finding.detail) == ("B8", "bank no fen, books 700 fen")


@pytest.mark.django_db
def test_a_room_above_may_add_its_own_rule_but_no_second_of_the_same_name(monkeypatch) -> None:
    monkeypatch.setattr(checking, "_rules", [*checking.rules()])
    rule = checking.Rule("B2", "Escrow is the sum of its pledges", "Look", "SELECT 'campaign x', '5 of 6 fen'")
    checking.add_rule(rule)
    assert [(finding.rule.code, finding.what) for finding in checking.check()] == [("B2", "campaign x")]
    with pytest.raises(ValueError):
        checking.add_rule(rule)


@pytest.mark.breaks_books("an intent says that money moved, and none did")
@committed
def test_the_nightly_task_logs_each_finding_with_what_to_do() -> None:
    with capture_logs() as clean:
        check_books.delay()
    with transaction.atomic():
        lonely = intent()
    with capture_logs() as broken:
        check_books.delay()
    assert [line["event"] for line in clean] == ["books_clean"]
    assert [(line["event"], line["log_level"], line["rule"], line["what"]) for line in broken] == [
        ("books_not_clean", "error", "B5b", f"intent {lonely}")
    ]
