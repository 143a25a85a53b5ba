"""An agreement funded twice, and its last two signatures given, at the same moment: the row lock makes one of them the second."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import override_settings

from marketplace.agreements.models import Agreement
from marketplace.agreements.services import escrow, signing
from marketplace.treasury.models import Transfer
from marketplace.treasury.selectors import balance
from marketplace.treasury.services import accounts as books
from marketplace.workflow import performing, registry
from marketplace.workflow.models import Change
from tests.factories import accounts, agreements, funding, treasury
from tests.factories.locks import without_lock
from tests.factories.racing import outcomes, race

pytestmark = [pytest.mark.django_db(transaction=True, databases=["default", "owner"]), pytest.mark.usefixtures("opener")]
SERVICES = "marketplace.agreements.services"


@pytest.fixture(autouse=True)
def _files_of_their_own(tmp_path: Any) -> Iterator[None]:
    with override_settings(MEDIA_ROOT=tmp_path / "files"):
        yield


def funded_by_two() -> tuple[list[str], Agreement]:
    """The wallet would cover the share twice, so that only the lock stands in the way."""
    made = agreements.signed(funding.awarded_demand())
    treasury.funded_wallet(2 * made.company_fen, made.company_id)
    actor = accounts.actor_for(made.company)

    def fund() -> None:
        performing.perform("conditions_met", Agreement.objects.get(pk=made.pk), actor)

    results = race(fund, fund, after=f"{SERVICES}.escrow.every_source_is_funded")
    made.refresh_from_db()
    return outcomes(results), made


def in_escrow(made: Agreement) -> int:
    return balance(books.agreement_escrow(made.pk)).posted_fen


@pytest.fixture
def money_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """The moves that follow the payment, which have refusals of their own, are left out."""

    def pay(ctx: Any) -> None:
        source, target = books.wallet(ctx.obj.company_id), books.agreement_escrow(ctx.obj.pk)
        escrow.transfer(group=ctx.group, source=source, target=target, fen=ctx.obj.company_fen, code="agreement.company_share")
        ctx.money = True

    agreement = registry.named("agreement")
    monkeypatch.setitem(agreement.guards, "conditions_met", escrow.every_source_is_funded)
    monkeypatch.setitem(agreement.effects, "conditions_met", pay)
    monkeypatch.setattr(registry, "_handlers", {})


def test_two_who_fund_at_once_post_it_once() -> None:
    outcome, made = funded_by_two()
    assert outcome == ["done", "wrong_state"]
    assert (made.state, in_escrow(made)) == ("active", made.price_fen)
    assert Transfer.objects.filter(code="agreement.company_share").count() == 1


@pytest.mark.breaks_books("the company's share is in escrow twice")
def test_twin_without_the_lock_the_company_pays_twice(money_alone: None) -> None:
    with without_lock("the row"):
        outcome, made = funded_by_two()
    assert outcome == ["done", "done"]
    assert in_escrow(made) == 2 * made.price_fen


def concluded_by_two() -> tuple[list[str], Agreement]:
    """Both parties have signed, and each sees that nobody's signature is missing any more."""
    made = agreements.frozen(funding.awarded_demand())
    for party in (made.company, made.university):
        performing.perform("sign", made, accounts.actor_for(party))

    def conclude() -> None:
        signing.conclude_if_all_signed(Agreement.objects.get(pk=made.pk))

    results = race(conclude, conclude, after=f"{SERVICES}.signing.all_signed")
    made.refresh_from_db()
    made.demand.refresh_from_db()
    return outcomes(results), made


def conclusions(made: Agreement) -> int:
    return Change.objects.filter(object_id=made.pk, action="last_signature").count()


def test_the_last_two_signatures_at_once_conclude_the_agreement_once() -> None:
    outcome, made = concluded_by_two()
    assert outcome == ["done", "done"]
    assert (made.state, made.demand.state, conclusions(made)) == ("signed", "contracted", 1)


def test_twin_without_the_lock_the_agreement_is_concluded_twice() -> None:
    with without_lock("the row"):
        outcome, made = concluded_by_two()
    assert (outcome, conclusions(made)) == (["done", "done"], 2)
