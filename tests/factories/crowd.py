"""Many rows of whatever is listed: copies of the world's objects, in every state that offers somebody a move."""

from collections.abc import Callable, Iterable
from copy import copy
from datetime import timedelta
from typing import Any

from django.db import models

from marketplace.accounts.models import Affiliation, Membership
from marketplace.agreements.models import Party, PartyRole, RevenueReport
from marketplace.catalogue.models import ImportFault
from marketplace.catalogue.services.indexing import index_achievements, index_experts
from marketplace.common import clock
from marketplace.common.ids import uuid7
from marketplace.evidence.models import Deposit
from marketplace.interests.models import DigestItem
from marketplace.notices.models import StoredMail
from marketplace.treasury.services import accounts as books
from tests.factories import accounts, funding, mixes
from tests.factories.treasury import held, pay
from tests.factories.world import World


def copies(row: models.Model, number: int, /, *, states: Iterable[str] = (), **each: Any) -> list[Any]:
    """So many rows like this one (of each state), each with an id of its own.

    `each` is a column's value, or what makes it from the row's number.
    """
    made = []
    for place, state in enumerate(state for state in (*states,) or ("",) for _ in range(number)):
        new = copy(row)
        new._state = copy(row._state)
        new._state.adding, new._state.fields_cache = True, {}
        new.pk = None if isinstance(type(row)._meta.pk, models.AutoField) else uuid7()
        for name, given in {**each, **({"state": state} if state else {})}.items():
            setattr(new, name, given(place) if callable(given) else given)
        made.append(new)
    return type(row)._base_manager.bulk_create(made)


def of(rows: list[Any]) -> Callable[[int], Any]:
    """The key of the row with the same number."""
    return lambda place: rows[place].pk


def new_id(_: int) -> Any:
    return uuid7()


def text(length: int) -> Callable[[int], str]:
    """Hexadecimal text that no other row has."""
    return lambda _: (uuid7().hex[-12:] * 6)[-length:]


def prepare(world: World) -> None:
    """What the world lacks to be copied."""
    known = world.objects
    company, funder = world.organisations["company"], world.organisations["funder"]
    Party.objects.create(agreement=known["agreement.active"], organisation=funder, role=PartyRole.FUNDER)
    first, second = sorted((company.pk, world.organisations["stranger"].pk))
    known["affiliation"] = Affiliation.objects.create(first_id=first, second_id=second)
    known["fault"] = ImportFault.objects.create(run=known["import"], line=1, reason_zh="x", reason_en="x")
    known["deposit"] = Deposit.objects.create(
        organisation_id=company.pk, person_id=world.people["company"].pk, title="x", sha256="0" * 64, made_at=clock.now()
    )
    known["payment_order.long"] = funding.payment_order(*range(1_000, 1_012))
    known["mail"] = StoredMail.objects.create(to="a@example.org", subject="x", body="x", created_at=clock.now())


def gather(world: World, number: int) -> None:
    """So many rows of everything that is listed, in each of the states that offer somebody a move."""
    known = world.objects
    people = [accounts.person() for _ in range(number)]
    homes = copies(known["organisation.verified"], number, uscc=lambda _: accounts.credit_code())
    copies(known["organisation.unverified"], number, uscc=lambda _: accounts.credit_code(), state="submitted")
    _people(world, number, people, homes)
    _supply(world, number, people)
    demands, awarded = _demands(world, number)
    campaigns = _funding(world, number, awarded)
    _agreements(world, number, demands, awarded, campaigns)
    _small_things(world, number)


def _people(world: World, number: int, people: list[Any], homes: list[Any]) -> None:
    known, company = world.objects, world.organisations["company"]
    own = Membership.objects.filter(organisation=company)[0]
    copies(own, number, person_id=of(people))
    copies(known["invitation"], number, email=lambda _: f"{uuid7()}@example.org")
    copies(known["invitation"], number, organisation_id=of(homes))
    copies(known["invitation"], number, organisation_id=of(homes), email=world.people["company"].email)
    copies(known["api_key"], number, prefix=text(12))
    copies(known["appointment"], number, person_id=of(people), ended_at=known["appointment"].created_at)
    pairs = [sorted((company.pk, home.pk)) for home in homes]
    copies(known["affiliation"], number, first_id=lambda place: pairs[place][0], second_id=lambda place: pairs[place][1])


def _supply(world: World, number: int, people: list[Any]) -> None:
    known = world.objects
    teams = copies(known["team.published"], number, states=("published", "draft"))
    index_achievements(copies(known["achievement.published"], number, ref=text(12), title_zh="低温钠离子电池"))
    index_experts(copies(known["expert.published"], number, person_id=of(people), fields_zh=["低温钠离子电池"]))
    copies(known["bid.winner"], number, team_id=of(teams))
    copies(known["import"], number)
    lines = ImportFault.objects.count()
    copies(known["fault"], number, line=lambda place: lines + place + 1)


def _demands(world: World, number: int) -> tuple[list[Any], list[Any]]:
    known = world.objects
    demands = copies(known["demand.open"], 3 * number, ref="")
    copies(known["demand.draft"], number, ref="", states=("draft", "changes_requested", "submitted", "approved"))
    evaluating = copies(known["demand.evaluating"], number, ref="")
    awarded = copies(known["demand.awarded"], number, ref="")
    copies(known["bid.winner"], number, demand_id=of(demands))
    copies(known["bid.sealed"], number, demand_id=of(evaluating))
    copies(known["question"], number)
    for place in range(number):
        mixes.kept(holds=place % 2 == 0, title_pair_rare=place)
    return demands, awarded


def _funding(world: World, number: int, awarded: list[Any]) -> list[Any]:
    known, account = world.objects, world.objects["bank_account"]
    campaigns = copies(known["campaign.open"], number, demand_id=of(awarded))
    others = copies(known["demand.awarded"], 3 * number, ref="")
    copies(known["campaign.draft"], number, demand_id=of(others), states=("draft", "submitted", "approved"))
    copies(known["campaign_update"], number)
    # An institution has one question open at a time: the others are answered.
    copies(known["campaign_question"], number, answer="按里程碑。", answered_at=clock.now())
    copies(known["pledge"], number, campaign_id=of(campaigns), states=("intent",), hold_id=None)
    holds = [held(books.wallet(known["pledge"].organisation_id), books.fee(), 1) for _ in range(number)]
    copies(known["pledge"], number, campaign_id=of(campaigns), states=("cancelled",), hold_id=of(holds))
    copies(known["pool"], number)
    new = {"purpose_id": new_id, "reference": lambda _: f"PAY{uuid7().hex[-10:].upper()}"}
    copies(known["payout"], number, **new)
    copies(known["payout"], number, **new, state="first_approved", first_approver=world.people["admin"].pk, bank_account_id=account.pk)
    copies(account, number, replaced_at=account.created_at)
    return campaigns


def _agreements(world: World, number: int, demands: list[Any], awarded: list[Any], campaigns: list[Any]) -> None:
    known = world.objects
    agreements = copies(known["agreement.active"], number, demand_id=of(awarded), campaign_id=of(campaigns))
    others = copies(known["agreement.active"], number, demand_id=of(demands), states=("negotiating", "pending_signatures", "signed"))
    unsigned = {"key_id": None, "signature": "", "signed_at": None, "signed_by": None}
    for party in list(known["agreement.active"].parties.all()):
        copies(party, number, agreement_id=of(agreements))
        copies(party, 3 * number, agreement_id=of(others), **unsigned)
    copies(known["milestone"], number, agreement_id=of(agreements), states=("under_review",))
    copies(known["milestone"], number, agreement_id=of(agreements), ordinal=9, states=("in_progress",))
    day, taken = known["revenue"].period_from, RevenueReport.objects.count()
    states = ("reported", "verified", "paid_in", "approved")
    copies(known["revenue"], number, period_from=lambda place: day - timedelta(days=taken + place), states=states)
    copies(known["signing_key"], number, public_key=text(64))


def _small_things(world: World, number: int) -> None:
    known, wallet = world.objects, books.wallet(world.organisations["company"].pk)
    for _ in range(number):
        pay(books.custody(), wallet, 2)
        held(wallet, books.fee(), 1)
    copies(known["notice"], number, event_id=new_id)
    copies(known["deposit"], number)
    copies(known["mail"], number)
    copies(known["interest"], number)
    digests = copies(known["digest"], number, due_at=lambda place: clock.now() + timedelta(seconds=place))
    copies(known["digest.item"], number, digest_id=of(digests), object_id=new_id)
    copies(known["digest.item"], number, object_id=new_id, rank=lambda place: place + 2 + DigestItem.objects.count())
    statements = copies(known["statement"], number, sha256=text(64))
    copies(known["line"], number, statement_id=of(statements), bank_line_id=text(12))
    copies(known["payment_order"], number, number=text(35))
    copies(known["statement_mapping"], number, name=text(60))
    copies(known["statement_import"], number)
    lines = known["statement"].lines.count()
    copies(known["line"], number, number=lambda place: lines + place + 1, bank_line_id=text(12))
