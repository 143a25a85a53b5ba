"""A campaign with many firm pledges, each of a funder of its own, made in a few statements."""

from django.db import transaction

from marketplace.accounts.models import Organisation
from marketplace.common import clock
from marketplace.funding import risk
from marketplace.funding.models import Campaign, Pledge, Suitability
from marketplace.treasury.models import TransferKind
from marketplace.treasury.services import accounts as books
from marketplace.treasury.services import transferring
from tests.factories import accounts, funding
from tests.factories.crowd import copies
from tests.factories.treasury import intent


def crowd(number: int, *, fen: int = 100, minimum_fen: int = 1, spare_fen: int = 0) -> Campaign:
    """An open campaign whose deadline has passed, `number` firm pledges of `fen` each held for it, `spare_fen` left to its optimum."""
    first = funding.funder()
    homes = copies(first, number, uscc=lambda _: accounts.credit_code())
    total = number * fen
    limits = {"minimum_fen": minimum_fen, "optimum_fen": total + spare_fen, "funder_min_fen": 1, "funder_max_fen": fen}
    campaign = funding.campaign([first], demand=funding.awarded_demand(price=total + spare_fen), **limits)
    escrow, wallets = books.campaign_escrow(campaign.pk), [books.wallet(home.pk) for home in homes]
    with transaction.atomic():
        legs = [transferring.Leg(books.custody(), wallet, fen, "test.pay") for wallet in wallets]
        transferring.transfer_many(group=intent(), legs=legs)
        promised = [transferring.Leg(wallet, escrow, fen, "pledge.hold") for wallet in wallets]
        holds = transferring._write(intent(), promised, TransferKind.PENDING)
        now = clock.now()
        agreed = {"state": "firm", "risk_version": risk.VERSION, "accepted_at": now, "created_at": now, "updated_at": now}
        agreed["terms_sha256"] = campaign.terms_sha256
        Pledge.objects.bulk_create(
            Pledge(campaign=campaign, organisation=home, fen=fen, hold=hold, suitability=answer, **agreed)
            for home, hold, answer in zip(homes, holds, _assessed(homes, like=first), strict=True)
        )
        Campaign.objects.filter(pk=campaign.pk).update(held_fen=total)
    return funding.overdue(campaign)


def _assessed(homes: list[Organisation], *, like: Organisation) -> list[Suitability]:
    """For each of them the answers that this institution has given."""
    told = Suitability.objects.get(organisation=like)
    given = {name: getattr(told, name) for name in ("version", "answers", "points", "suitable", "answered_at", "valid_until")}
    return Suitability.objects.bulk_create(Suitability(organisation=home, **given) for home in homes)
