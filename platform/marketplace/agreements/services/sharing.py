"""Verified revenue is paid in, and divided by two people along the agreement's tiers, exact to the fen."""

from uuid import UUID

from marketplace.agreements import errors
from marketplace.agreements.models import REST, Agreement, Distribution, RevenueReport, Share, Tier
from marketplace.agreements.services import standing, waterfall
from marketplace.common import hashing
from marketplace.common.actor import Actor
from marketplace.funding.models import Pledge
from marketplace.funding.services.paying_out import payout_request
from marketplace.treasury.models import Account
from marketplace.treasury.services import accounts
from marketplace.treasury.services.transferring import Leg, transfer, transfer_many
from marketplace.workflow.context import Context

TIER_OF = {Share.COMPANY: Tier.COSTS, Share.FUNDER: Tier.FUNDERS, **dict.fromkeys(REST, Tier.REST)}


def pay_in(ctx: Context[RevenueReport]) -> None:
    """The company pays what is to be shared from its wallet into the agreement's revenue account."""
    report = ctx.obj
    source, target = accounts.wallet(report.agreement.company_id), accounts.revenue(report.agreement_id)
    transfer(group=ctx.group, source=source, target=target, fen=report.shared_fen, code="revenue.paid_in")
    ctx.money = True


def approve(ctx: Context[RevenueReport]) -> None:
    """The first of two people."""
    ctx.obj.approved_by = ctx.actor.person_id


def two_people(ctx: Context[RevenueReport]) -> None:
    """Whoever distributes has not approved."""
    if ctx.actor.person_id == ctx.obj.approved_by:
        raise errors.SameApprover


def distribute(ctx: Context[RevenueReport]) -> None:
    """Divide the report's amount: every fen becomes part of one line, a funder's line traced to its pledge.

    The agreement is locked, so that two reports never count on the same room under a cap. The company's and funders'
    wallets are credited; what inventors, institution and region receive is payable to their organisations.
    """
    two_people(ctx)
    report = ctx.obj
    source, lines = accounts.revenue(report.agreement_id), lines_of(report)
    legs = [Leg(source, _account_of(line), line.fen, f"revenue.{line.role}") for line in lines]
    transfer_many(group=ctx.group, legs=legs)
    ctx.money = True
    Distribution.objects.bulk_create(lines)
    _commit_to(ctx, lines)
    _request_payouts(ctx, lines)


def lines_of(report: RevenueReport) -> list[Distribution]:
    """The lines that the report comes to as things stand now, unsaved; they sum to `shared_fen`, and none is of nothing."""
    agreement = report.agreement
    terms = standing.terms_of(agreement)
    parts = waterfall.divide(report.shared_fen, evidenced_fen=report.costs_fen, terms=terms, before=standing.before(agreement))
    funders = dict(Pledge.objects.filter(pk__in=parts.pledges).values_list("pk", "organisation_id"))
    made = [_line(report, Share.COMPANY, agreement.company_id, parts.costs_fen)]
    made += [_line(report, Share.FUNDER, funders[pledge], fen, pledge) for pledge, fen in sorted(parts.pledges.items())]
    made += [_line(report, share, _recipient(agreement, share), parts.rest[share]) for share in REST if parts.rest[share]]
    lines = [line for line in made if line.fen]
    for number, line in enumerate(lines, start=1):
        line.number = number
    return lines


def _line(report: RevenueReport, share: Share, who: UUID, fen: int, pledge: UUID | None = None) -> Distribution:
    return Distribution(report=report, tier=TIER_OF[share].value, role=share.value, organisation_id=who, pledge_id=pledge, fen=fen)


def _recipient(agreement: Agreement, share: Share) -> UUID:
    """The institution takes its inventors' part for them."""
    if share is not Share.REGION:
        return agreement.university_id
    assert agreement.region_body_id is not None  # whoever has a share is named, as a check constraint says
    return agreement.region_body_id


def _account_of(line: Distribution) -> Account:
    payable = line.tier == Tier.REST
    return accounts.payable(line.organisation_id) if payable else accounts.wallet(line.organisation_id)


def _commit_to(ctx: Context[RevenueReport], lines: list[Distribution]) -> None:
    """The sums of what is divided, and the hash of all lines: who received what stays with those whom it concerns."""
    for share in Share:
        ctx.private[f"{share.value}_part_fen"] = sum(line.fen for line in lines if line.role == share)
    ctx.private["lines_sha256"] = hashing.sha256_of([told(line) for line in lines])


def told(line: Distribution) -> dict[str, str | int]:
    """A line as it is committed to."""
    return {
        "tier": line.tier,
        "role": line.role,
        "organisation": str(line.organisation_id),
        "pledge": str(line.pledge_id or ""),
        "fen": line.fen,
    }


def _request_payouts(ctx: Context[RevenueReport], lines: list[Distribution]) -> None:
    """One payout to each organisation that something is payable to."""
    payable: dict[UUID, int] = {}
    for line in lines:
        if line.tier == Tier.REST:
            payable[line.organisation_id] = payable.get(line.organisation_id, 0) + line.fen
    for organisation_id, fen in payable.items():
        made = payout_request(organisation_id=organisation_id, fen=fen, purpose_kind="revenue", purpose_id=ctx.obj.pk, actor=Actor.system())
        name = "region_payout" if organisation_id == ctx.obj.agreement.region_body_id else "payout"
        ctx.private[name] = str(made.pk)
