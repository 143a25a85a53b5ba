"""The company funds its agreement twice at the same moment: the row lock lets it happen once."""

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import override_settings

from marketplace.agreements.models import Agreement
from marketplace.agreements.services import escrow
from marketplace.common.errors import DomainError
from marketplace.treasury.models import Transfer
from marketplace.treasury.selectors import balance
from marketplace.treasury.services import accounts as books
from marketplace.treasury.services.checking import check
from marketplace.workflow import performing, registry
from tests.factories import accounts, agreements, funding, treasury

pytestmark = [pytest.mark.django_db(transaction=True, databases=["default", "owner"]), pytest.mark.usefixtures("opener")]


@pytest.fixture(autouse=True)
def _files_of_their_own(tmp_path: Any) -> Iterator[None]:
    with override_settings(MEDIA_ROOT=tmp_path / "files"):
        yield


def at_the_same_time(*works: Callable[[], Any]) -> list[str]:
    """Each work in a thread and connection of its own behind one barrier; what each came to, sorted."""
    outcome: list[str] = []
    start = threading.Barrier(len(works))

    def run(work: Callable[[], Any]) -> None:
        try:
            connection.ensure_connection()
            start.wait(20)
            work()
            outcome.append("done")
        except DomainError as refusal:
            outcome.append(refusal.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return sorted(outcome)


def funded_by_two() -> tuple[list[str], Agreement]:
    """The wallet would cover the share twice, so that only the lock stands in the way."""
    made = agreements.signed(funding.awarded_demand())
    treasury.funded_wallet(2 * made.company_fen, made.company_id)
    actor = accounts.actor_for(made.company)

    def fund() -> None:
        performing.perform("conditions_met", Agreement.objects.get(pk=made.pk), actor)

    outcome = at_the_same_time(fund, fund)
    made.refresh_from_db()
    return outcome, made


def in_escrow(made: Agreement) -> int:
    return balance(books.agreement_escrow(made.pk)).posted_fen


@pytest.fixture
def without_the_lock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows are read and not locked, both have looked before either pays, and the moves that follow are left out."""
    both_have_looked = threading.Barrier(2)

    def look(ctx: Any) -> None:
        escrow.every_source_is_funded(ctx)
        both_have_looked.wait(20)

    def pay(ctx: Any) -> None:
        source, target = books.wallet(ctx.obj.company_id), books.agreement_escrow(ctx.obj.pk)
        escrow.transfer(group=ctx.group, source=source, target=target, fen=ctx.obj.company_fen, code="agreement.company_share")
        ctx.money = True

    agreement = registry.named("agreement")
    monkeypatch.setattr(performing, "lock_row", lambda obj: type(obj)._base_manager.get(pk=obj.pk))
    monkeypatch.setitem(agreement.guards, "conditions_met", look)
    monkeypatch.setitem(agreement.effects, "conditions_met", pay)
    monkeypatch.setattr(registry, "_handlers", {})


def test_two_who_fund_at_once_post_it_once() -> None:
    outcome, made = funded_by_two()
    assert outcome == ["done", "wrong_state"]
    assert (made.state, in_escrow(made)) == ("active", made.price_fen)
    assert Transfer.objects.filter(code="agreement.company_share").count() == 1
    assert list(check()) == []


def test_twin_without_the_lock_the_company_pays_twice(without_the_lock: None) -> None:
    outcome, made = funded_by_two()
    assert outcome == ["done", "done"]
    assert in_escrow(made) == 2 * made.price_fen


def test_the_last_two_signatures_at_once_conclude_the_agreement_once() -> None:
    made = agreements.frozen(funding.awarded_demand())
    company, university = made.company, made.university
    outcome = at_the_same_time(lambda: agreements.sign(made, company), lambda: agreements.sign(made, university))
    made.refresh_from_db()
    made.demand.refresh_from_db()
    assert (made.state, made.demand.state) == ("signed", "contracted")
    assert outcome == ["done", "done"]
