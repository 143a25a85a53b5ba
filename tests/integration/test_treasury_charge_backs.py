"""What the bank takes back: out of the wallet, then out of pledges that are not captured, and the rest is a debt that is repaid first."""

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from ledger.app import services as ledger
from marketplace.accounts.models import Organisation
from marketplace.common import outbox
from marketplace.common.actor import Actor
from marketplace.common.errors import WrongState
from marketplace.funding.models import Campaign, Pledge
from marketplace.notices.models import Notice
from marketplace.treasury import debt_reads, errors, selectors
from marketplace.treasury.models import OrderForm, StatementLine, Transfer
from marketplace.treasury.services import accounts, debts, decisions, payment_orders, statements, topups
from marketplace.treasury.services.checking import check
from marketplace.treasury.services.transferring import transfer
from marketplace.workflow import sweeping
from marketplace.workflow.performing import perform
from tests.factories import accounts as make
from tests.factories import funding
from tests.factories.treasury import intent, pay, statement_csv

pytestmark = pytest.mark.django_db
ACCOUNT = "622200001111"


def imported(*rows: str) -> list[StatementLine]:
    content = statement_csv(*rows)
    statement, _ = statements.import_statement(actor=make.staff_actor("finance"), content=content, name="s.csv")
    return list(statement.lines.order_by("number"))


def topped_up(who: Organisation, yuan: str, line: str) -> StatementLine:
    code = topups.issue_reference(actor=make.actor_for(who))[0].code
    return imported(f"{line},2026-11-23,{yuan},in,某机构,{ACCOUNT},{code}")[0]


def taken_back(yuan: str, line: str, *, of: str, account: str = ACCOUNT) -> StatementLine:
    """The bank's debit, after it was offered to whoever may recognise it."""
    (debit,) = imported(f"{line},2026-11-24,{yuan},out,某机构,{account},冲正：{of}。")
    outbox.relay()
    debit.refresh_from_db()
    return debit


def spent(who: Organisation, fen: int) -> None:
    pay(accounts.wallet(who.pk), accounts.fee(), fen)


def state_of(who: Organisation) -> tuple[int, int]:
    """What the wallet has and what is owed, in fen."""
    return selectors.wallet_of(who.pk).posted_fen, debt_reads.debt_of(who.pk)


@pytest.fixture
def company() -> Organisation:
    return make.organisation("company")


def test_what_the_wallet_still_has_goes_back_to_the_bank_without_a_debt(company) -> None:
    top_up = topped_up(company, "30.00", "BK-2026-100")
    debit = taken_back("30.00", "BK-2026-101", of="BK-2026-100")
    assert (debit.matched_kind, debit.matched_id) == ("charge_back", top_up.pk)
    assert (state_of(company), selectors.expected_at_bank(), check()) == ((0, 0), 0, [])
    entry = ledger.entries_of("organisation_wallet", accounts.wallet(company.pk).pk)[-1]
    assert (entry.type, entry.money, entry.body) == ("treasury.charged_back", True, {"fen": 3_000, "bank_line": "BK-2026-101"})


def test_an_id_that_two_lines_bear_but_for_blanks_is_left_to_the_officers(company) -> None:
    code = topups.issue_reference(actor=make.actor_for(company))[0].code
    imported(*(f"{name},2026-11-23,30.00,in,某机构,{ACCOUNT},{code}" for name in ("BK2026 100", "BK 2026100")))
    assert taken_back("30.00", "BK-2026-101", of="BK2026100").matched_kind == ""
    assert state_of(company) == (6_000, 0)


def test_what_is_spent_is_owed_and_the_next_top_ups_repay_it_first(company) -> None:
    topped_up(company, "30.00", "BK-2026-100")
    spent(company, 2_000)
    debit = taken_back("30.00", "BK-2026-101", of="BK-2026-100")
    legs = Transfer.objects.filter(group_id=debit.pk).values_list("source__kind", "target__kind", "fen")
    assert set(legs) == {("wallet", "custody", 1_000), ("debt", "custody", 2_000)}
    assert (state_of(company), selectors.expected_at_bank()) == ((0, 2_000), 0)
    topped_up(company, "15.00", "BK-2026-102")
    assert state_of(company) == (0, 500)
    topped_up(company, "15.00", "BK-2026-103")
    assert (state_of(company), check()) == ((1_000, 0), [])
    spent(company, 1_000)


def test_while_something_is_owed_the_wallet_pays_nobody_and_what_comes_in_is_collected(company) -> None:
    topped_up(company, "30.00", "BK-2026-100")
    spent(company, 3_000)
    taken_back("30.00", "BK-2026-101", of="BK-2026-100")
    pay(accounts.fee(), accounts.wallet(company.pk), 1_200, code="pledge.refund")
    with pytest.raises(errors.DebtFirst):
        spent(company, 1)
    assert (debts.collect(), state_of(company), debts.collect()) == (1, (0, 1_800), 0)
    assert check() == []


def test_a_debtor_is_paid_out_only_once_it_has_repaid(company) -> None:
    topped_up(company, "30.00", "BK-2026-100")
    spent(company, 3_000)
    pay(accounts.custody(), accounts.payable(company.pk), 5_000)
    funding.bank_account(company)
    payout = funding.approved_payout(funding.payout_of(company, 5_000))
    taken_back("30.00", "BK-2026-101", of="BK-2026-100")
    with pytest.raises(errors.DebtFirst):
        perform("schedule", payout, Actor.system())
    topped_up(company, "30.00", "BK-2026-102")
    assert perform("schedule", payout, Actor.system()).state == "scheduled"


@pytest.mark.parametrize(
    ("yuan", "account", "of"),
    [
        ("29.99", ACCOUNT, "BK-2026-100"),
        ("30.00", "900000001111", "BK-2026-100"),
        ("30.00", ACCOUNT, "BK-2026-1000"),
        ("30.00", ACCOUNT, "BK-2026-100 BK-2026-200"),
    ],
)
def test_a_debit_that_names_no_top_up_of_its_amount_and_account_waits(company, yuan: str, account: str, of: str) -> None:
    topped_up(company, "30.00", "BK-2026-100")
    topped_up(company, "30.00", "BK-2026-200")
    debit = taken_back(yuan, "BK-2026-101", of=of, account=account)
    assert (debit.is_waiting, state_of(company)) == (True, (6_000, 0))


def test_a_top_up_is_taken_back_once(company) -> None:
    topped_up(company, "30.00", "BK-2026-100")
    first, second = (taken_back("30.00", line, of="BK-2026-100") for line in ("BK-2026-101", "BK-2026-102"))
    assert (first.is_waiting, second.is_waiting, state_of(company)) == (False, True, (0, 0))
    with pytest.raises(IntegrityError), transaction.atomic():
        statements.mark_line(second, statements.Match("charge_back", first.matched_id))


def test_a_line_taken_back_before_anybody_knew_whose_it_was_is_charged_back_once_that_is_decided(company) -> None:
    line, debit = imported(
        f"BK-2026-100,2026-11-23,30.00,in,某机构,{ACCOUNT},货款", f"BK-2026-101,2026-11-24,30.00,out,,{ACCOUNT},BK-2026-100"
    )
    outbox.relay()
    statements.assign_line(actor=make.staff_actor("finance"), line_id=line.pk, organisation_id=company.pk)
    outbox.relay()
    debit.refresh_from_db()
    assert (debit.matched_kind, state_of(company)) == ("charge_back", (0, 0))


def test_a_short_id_or_a_line_that_names_a_payment_of_ours_takes_nothing_by_itself(company) -> None:
    topped_up(company, "120.00", "2026")
    topped_up(company, "120.00", "BK-2026-100")
    reference = funding.payment_order().instructions.get().end_to_end_id
    assert taken_back("120.00", "BK-2026-200", of="2026").is_waiting
    assert taken_back("120.00", "BK-2026-201", of=f"BK-2026-100 {reference.lower()}/1").matched_kind == "payout"
    assert (state_of(company), check()) == ((24_000, 0), [])


def test_an_id_that_the_bank_wrote_in_full_width_is_found(company) -> None:
    topped_up(company, "30.00", "ＢＫ－２０２６－１００")
    assert taken_back("30.00", "BK-2026-101", of="ＢＫ－２０２６－１００").matched_kind == "charge_back"


def test_a_return_called_off_into_a_wallet_is_charged_back_from_it_though_the_debit_came_first(company) -> None:
    line, debit = imported(
        f"BK-2026-100,2026-11-23,30.00,in,某公司,{ACCOUNT},货款", f"BK-2026-101,2026-11-24,30.00,out,,{ACCOUNT},BK-2026-100"
    )
    decision = decisions.propose(actor=make.staff_actor("finance"), line_id=line.pk, organisation_id=None)
    decision = perform("give_back", decision, make.staff_actor("finance"))
    outbox.relay()
    with pytest.raises(errors.TakenBackMeanwhile):
        payment_orders.make_order(actor=make.staff_actor("finance"), form=OrderForm.CSV, payments=[decision.pk])
    decision = perform("ask_call_off", decision, make.staff_actor("finance"), organisation_id=company.pk)
    perform("call_off", decision, make.staff_actor("finance"), organisation_id=company.pk)
    assert state_of(company) == (3_000, 0)
    outbox.relay()
    debit.refresh_from_db()
    assert (debit.matched_kind, debit.matched_id, state_of(company), check()) == ("charge_back", line.pk, (0, 0), [])


def test_a_return_that_the_bank_took_back_itself_ends_by_two_officers_though_its_sender_is_nobody_here() -> None:
    line, debit = imported(f"BK-2026-100,2026-11-23,30.00,in,某公司,{ACCOUNT},货款", f"BK-2026-101,2026-11-24,30.00,out,,{ACCOUNT},冲正")
    first, second = make.staff_actor("finance"), make.staff_actor("finance")
    with pytest.raises(errors.TopUpUnfit):  # nobody has decided yet what came in
        decisions.propose_outgoing(actor=first, line_id=debit.pk, top_up="BK-2026-100")
    to_return = perform("give_back", decisions.propose(actor=first, line_id=line.pk, organisation_id=None), second)
    proposed = decisions.propose_outgoing(actor=first, line_id=debit.pk, top_up="ＢＫ－2026-100 ")
    with pytest.raises(errors.SecondOfficer):
        perform("book", proposed, first)
    perform("book", proposed, second)
    to_return.refresh_from_db()
    debit.refresh_from_db()
    assert (to_return.state, debit.matched_kind, debit.matched_id) == ("taken_back", "line_return", to_return.pk)
    assert (selectors.balance(accounts.in_transit()).posted_fen, selectors.expected_at_bank(), check()) == (0, 0, [])


def test_a_return_that_is_at_the_bank_is_not_ended_as_taken_back_and_none_is_sent_while_an_officer_says_so() -> None:
    line, debit = imported(f"BK-2026-100,2026-11-23,30.00,in,某公司,{ACCOUNT},货款", f"BK-2026-101,2026-11-24,30.00,out,,{ACCOUNT},冲正")
    first, second = make.staff_actor("finance"), make.staff_actor("finance")
    to_return = perform("give_back", decisions.propose(actor=first, line_id=line.pk, organisation_id=None), second)
    proposed = decisions.propose_outgoing(actor=first, line_id=debit.pk, top_up="BK-2026-100")
    with pytest.raises(errors.TakenBackMeanwhile):
        payment_orders.make_order(actor=first, form=OrderForm.CSV, payments=[to_return.pk])
    perform("refuse", proposed, second, reason="冲正的是另一笔")
    payment_orders.make_order(actor=first, form=OrderForm.CSV, payments=[to_return.pk])
    with pytest.raises(errors.TopUpUnfit):
        decisions.propose_outgoing(actor=first, line_id=debit.pk, top_up="BK-2026-100")
    debit.refresh_from_db()
    assert (debit.is_waiting, selectors.balance(accounts.in_transit()).posted_fen, check()) == (True, 3_000, [])


def pledged(who: Organisation, fen: int, *, firm: bool = False, **changes) -> Pledge:
    campaign = funding.campaign([who], **changes)
    return funding.firm(campaign, who, fen) if firm else funding.pledge(campaign, who, fen)


def test_pledges_that_are_not_captured_fall_newest_first_before_anything_is_owed() -> None:
    who = funding.funder()
    topped_up(who, "9000.00", "BK-2026-100")
    older, newer = pledged(who, 400_000, firm=True), pledged(who, 300_000)
    taken_back("9000.00", "BK-2026-101", of="BK-2026-100")
    older.refresh_from_db()
    newer.refresh_from_db()
    assert (older.state, newer.state, state_of(who)) == ("charged_back", "charged_back", (0, 0))
    assert Campaign.objects.filter(held_fen=0).count() == 2
    outbox.relay()
    told = Notice.objects.filter(organisation=who, topic__endswith="charged_back").values_list("topic", flat=True)
    assert sorted(told) == ["pledge.charged_back", "pledge.charged_back", "treasury.charged_back"]


def test_no_more_pledges_fall_than_are_needed() -> None:
    who = funding.funder(400_000)
    topped_up(who, "3000.00", "BK-2026-200")
    older, newer = pledged(who, 400_000), pledged(who, 300_000)
    taken_back("3000.00", "BK-2026-201", of="BK-2026-200")
    older.refresh_from_db()
    newer.refresh_from_db()
    assert (older.state, newer.state, state_of(who)) == ("cooling_off", "charged_back", (400_000, 0))


def test_what_a_campaign_has_captured_stays_there_and_is_owed() -> None:
    who = funding.funder()
    topped_up(who, "4000.00", "BK-2026-100")
    pledge = pledged(who, 400_000, firm=True)
    funding.overdue(pledge.campaign)
    while pledge.state != "captured":
        sweeping.sweep()
        pledge.refresh_from_db()
    taken_back("4000.00", "BK-2026-101", of="BK-2026-100")
    pledge.refresh_from_db()
    assert (pledge.state, state_of(who)) == ("captured", (0, 400_000))


def test_a_pledge_is_not_charged_back_by_hand_nor_once_its_campaign_has_succeeded() -> None:
    who = funding.funder(400_000)
    pledge = pledged(who, 400_000, firm=True)
    Campaign.objects.filter(pk=pledge.campaign_id).update(state="successful")
    with pytest.raises(WrongState):
        perform("charge_back", Pledge.objects.get(pk=pledge.pk), Actor.system())
    Campaign.objects.filter(pk=pledge.campaign_id).update(state="open")


def test_the_database_lets_only_the_bank_make_a_debt_and_only_its_own_wallet_repay_it(company) -> None:
    other = make.organisation("company")
    topped_up(company, "30.00", "BK-2026-100")
    spent(company, 3_000)
    taken_back("30.00", "BK-2026-101", of="BK-2026-100")
    topped_up(other, "90.00", "BK-2026-102")
    debt, wallet = accounts.debt(company.pk), accounts.wallet(company.pk)
    pay(accounts.fee(), wallet, 3_000)
    for source, target, fen in ((debt, wallet, 1), (accounts.wallet(other.pk), debt, 1), (wallet, debt, 3_001)):
        with pytest.raises((DatabaseError, errors.InsufficientFunds)), transaction.atomic():
            transfer(group=intent(), source=source, target=target, fen=fen, code="test.pay")
    pay(accounts.wallet(other.pk), wallet, 1)
    with pytest.raises(DatabaseError), transaction.atomic():
        transfer(group=intent(), source=wallet, target=debt, fen=3_001, code="test.pay")
    assert state_of(company) == (3_001, 3_000)
