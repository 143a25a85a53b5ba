"""Draw up the agreement: parties, amounts per source, milestones, shares, and the frozen text."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from ledger.engine import canonical
from marketplace.accounts.models import Organisation
from marketplace.accounts.models.organisations import OrganisationKind
from marketplace.accounts.workflow import OrganisationState
from marketplace.agreements import errors
from marketplace.agreements.models import Agreement, Milestone, Party, PartyRole
from marketplace.agreements.models.agreements import MOST_CAP_BP, WHOLE_PPM
from marketplace.agreements.services.document import document_of
from marketplace.agreements.services.document_revenue import multiple
from marketplace.agreements.workflow import AgreementState
from marketplace.common import hashing
from marketplace.common.actor import Actor
from marketplace.common.codes.contracts import CONTRACT_TYPES
from marketplace.common.errors import Forbidden, Invalid
from marketplace.common.money import basis_points, split
from marketplace.common.policy import current
from marketplace.common.text import bi
from marketplace.demands.models import Demand
from marketplace.demands.permissions import demand_roles, demand_writer
from marketplace.demands.services.publishing import required
from marketplace.demands.workflow import DemandState
from marketplace.funding import selectors as funding
from marketplace.funding.models import Campaign
from marketplace.funding.terms import revenue_cap_bp
from marketplace.workflow.context import Context
from marketplace.workflow.performing import begin, lock_row, perform

REVENUE_TERMS = ("costs_cap_fen", "funders_cap_bp", "inventor_share_ppm", "unit_share_ppm", "region_share_ppm", "reward_agreed")
TERMS = ("contract_type", "terms_zh", "terms_en", "region_body", *REVENUE_TERMS)

MOST_COSTS_FEN = 10**15


def agreement_draw(*, demand: Demand, campaign: Campaign | None, actor: Actor, terms: Mapping[str, Any]) -> Agreement:
    """Draw up the agreement for an awarded demand from its bid, by the company.

    The campaign's part is what it captured; the company pays the rest of the price. Each
    milestone's amount per source is fixed here: milestones by their shares, the campaign's part
    of each by the same shares, largest remainder. The funders' cap is that of the campaign's terms,
    and may be left out. Raises DemandNotAwarded, AlreadyDrawn, CampaignNotFitting, SharesNotWhole,
    TiersNotFitting, Invalid.
    """
    if "company" not in demand_roles(actor, demand):
        raise Forbidden(bi("协议由需求方起草。", "The company draws up the agreement."))
    demand_writer(actor)
    with transaction.atomic():
        locked: Demand = lock_row(demand)
        if locked.state != DemandState.AWARDED or locked.awarded_bid is None:
            raise errors.DemandNotAwarded
        if locked.agreements.exclude(state__in=(AgreementState.VOID, AgreementState.TERMINATED)).exists():
            raise errors.AlreadyDrawn
        bid = locked.awarded_bid
        price, from_campaign = _sources(locked, campaign)
        agreement = Agreement(
            demand=locked,
            bid=bid,
            campaign=campaign,
            company_id=locked.organisation_id,
            university_id=bid.organisation_id,
            price_fen=price,
            company_fen=price - from_campaign,
            campaign_fen=from_campaign,
            fee_basis_points=current().fee_basis_points,
        )
        write_terms(agreement, {"funders_cap_bp": _accepted_cap_bp(agreement) or 0, **terms})
        begin(agreement, actor)
        _name_parties(agreement)
        _plan_milestones(agreement, bid.milestones)
        return perform("revise", agreement, actor, terms={})


def revise(ctx: Context[Agreement], *, terms: Mapping[str, Any]) -> None:
    """Change the terms while nothing is frozen: one more version, its hash on record."""
    agreement = ctx.obj
    if terms:
        write_terms(agreement, terms)
        agreement.version += 1
    agreement.document = document_of(agreement)
    agreement.document_sha256 = hashing.sha256_of_text(agreement.document)
    _describe(ctx)


def freeze_text(ctx: Context[Agreement]) -> None:
    """Fix the text and the statement that every party signs, byte for byte. Raises TiersNotFitting."""
    agreement = ctx.obj
    _check_tiers(agreement)
    agreement.document = document_of(agreement)
    agreement.document_sha256 = hashing.sha256_of_text(agreement.document)
    agreement.statement = canonical.encode(canonical.normalise(statement_of(agreement)))
    agreement.parties.update(key=None, signature="", signed_at=None, signed_by=None)
    _describe(ctx)


def reopen(ctx: Context[Agreement], *, reason: str) -> None:
    """Back to the table: signatures given so far are void, since the text may change."""
    ctx.reason = required(reason)
    ctx.obj.statement = None
    ctx.obj.version += 1
    ctx.obj.parties.update(key=None, signature="", signed_at=None, signed_by=None)


def abandon(ctx: Context[Agreement], *, reason: str = "timeout") -> None:
    """Give up before signing; the demand's own clock decides what follows for it."""
    ctx.reason = reason if ctx.actor.is_system else required(reason)


def award_lost(ctx: Context[Demand]) -> None:
    """An agreement that nobody concluded ends with the award it was drawn for, so that the next can be drawn."""
    ways_out = {AgreementState.NEGOTIATING: "abandon", AgreementState.PENDING_SIGNATURES: "timeout"}
    for agreement in ctx.obj.agreements.filter(state__in=ways_out).order_by("pk"):
        perform(ways_out[AgreementState(agreement.state)], agreement, Actor.system())


def statement_of(agreement: Agreement) -> dict[str, Any]:
    """What each party signs: the agreement, its version, its text's hash, the parties, the price, what the funders accepted, the tiers."""
    parties = agreement.parties.select_related("organisation").order_by("role", "organisation_id")
    return {
        "agreement": str(agreement.pk),
        "version": agreement.version,
        "document_sha256": agreement.document_sha256,
        "contract_type": agreement.contract_type,
        "price_fen": agreement.price_fen,
        "parties": [{"organisation": str(p.organisation_id), "role": p.role} for p in parties],
        "campaign": str(agreement.campaign_id or ""),
        "campaign_terms_sha256": agreement.campaign.terms_sha256 if agreement.campaign else "",
        "revenue": {
            **{name: getattr(agreement, name) for name in REVENUE_TERMS},
            "region_body": str(agreement.region_body_id or ""),
        },
    }


def write_terms(agreement: Agreement, terms: Mapping[str, Any]) -> None:
    """Set the contract type, further terms and the tiers of later revenue, checked."""
    for name in TERMS:
        if name in terms:
            setattr(agreement, name, terms[name])
    if agreement.contract_type not in CONTRACT_TYPES:
        text = bi("请选择民法典规定的技术合同类型。", "Choose one of the Civil Code's kinds of technology contract.")
        raise Invalid(text, fields={"contract_type": [text]})
    shares = (agreement.inventor_share_ppm, agreement.unit_share_ppm, agreement.region_share_ppm)
    if sum(shares) != WHOLE_PPM or min(shares) < 0:
        raise errors.SharesNotWhole(fields={"unit_share_ppm": [errors.SharesNotWhole.title]})
    _check_tiers(agreement)


def _check_tiers(agreement: Agreement) -> None:
    body, named = agreement.region_body, "region_share_ppm" if agreement.region_body is not None else "region_body"
    if (body is not None) != (agreement.region_share_ppm > 0):
        text = bi("地区份额与受益的服务机构须一并约定。", "A region's share goes with the body that receives it.")
        raise errors.TiersNotFitting(text, fields={named: [text]})
    if body is not None and (body.kind != OrganisationKind.SERVICE or body.state != OrganisationState.VERIFIED):
        text = bi("地区份额由已核验的服务机构收取。", "A region's share is received by a verified service provider.")
        raise errors.TiersNotFitting(text, fields={"region_body": [text]})
    if agreement.funders_cap_bp and agreement.campaign is None:
        text = bi("没有募资项目，就没有出资方可参与分配。", "Without a campaign there are no funders to take part.")
        raise errors.TiersNotFitting(text, fields={"funders_cap_bp": [text]})
    if not 0 <= agreement.funders_cap_bp <= MOST_CAP_BP:
        text = bi("出资方上限为实际出资的 0 至 10 倍。", "The funders' cap is 0 to 10 times what they paid in.")
        raise errors.TiersNotFitting(text, fields={"funders_cap_bp": [text]})
    accepted = _accepted_cap_bp(agreement)
    if accepted is not None and agreement.funders_cap_bp != accepted:
        text = bi(
            f"出资方按募资条款认筹，其累计上限为 {multiple(accepted)}，协议不得另定。",
            f"Funders pledged under the campaign's terms: their cap is {multiple(accepted)}, and no other is agreed.",
        )
        raise errors.TiersNotFitting(text, fields={"funders_cap_bp": [text]})
    if not 0 <= agreement.costs_cap_fen <= MOST_COSTS_FEN:
        text = bi("成本上限不能为负，也不能过大。", "The costs' limit is neither negative nor beyond reason.")
        raise errors.TiersNotFitting(text, fields={"costs_cap_fen": [text]})


def _accepted_cap_bp(agreement: Agreement) -> int | None:
    """The cap that the funders accepted with the campaign's terms; None without a campaign, or with one from before there were terms."""
    return revenue_cap_bp(agreement.campaign.terms) if agreement.campaign is not None else None


def _sources(demand: Demand, campaign: Campaign | None) -> tuple[int, int]:
    price = (demand.awarded_bid.price_fen if demand.awarded_bid else 0) or 0
    if campaign is None:
        return price, 0
    captured = funding.captured_fen(campaign)
    if campaign.demand_id != demand.pk or not 0 < captured <= price:
        raise errors.CampaignNotFitting(fields={"campaign": [errors.CampaignNotFitting.title]})
    return price, captured


def _name_parties(agreement: Agreement) -> None:
    rows = [(agreement.company_id, PartyRole.COMPANY), (agreement.university_id, PartyRole.TEAM)]
    if agreement.campaign is not None:
        funders = Organisation.objects.filter(pk__in=funding.funders_of(agreement.campaign)).order_by("pk")
        rows += [(funder.pk, PartyRole.FUNDER) for funder in funders]
    Party.objects.bulk_create(Party(agreement=agreement, organisation_id=pk, role=role) for pk, role in rows)


def _plan_milestones(agreement: Agreement, offered: list[dict[str, Any]]) -> None:
    weights = [(f"{index:03d}", int(row["share_bp"])) for index, row in enumerate(offered)]
    whole = split(agreement.price_fen, weights)
    campaign = split(agreement.campaign_fen, [(key, whole[key]) for key, _ in weights])
    for ordinal, (row, (key, _)) in enumerate(zip(offered, weights, strict=True), start=1):
        milestone = Milestone(
            agreement=agreement,
            ordinal=ordinal,
            title_zh=row["title_zh"],
            title_en=row["title_en"],
            days=row["days"],
            share_bp=row["share_bp"],
            fen=whole[key],
            campaign_fen=campaign[key],
            company_fen=whole[key] - campaign[key],
            fee_fen=basis_points(whole[key], agreement.fee_basis_points),
        )
        begin(milestone, Actor.system())


def _describe(ctx: Context[Agreement]) -> None:
    ctx.body["version"] = ctx.obj.version
    ctx.body["document_sha256"] = ctx.obj.document_sha256
    ctx.body["contract_type"] = ctx.obj.contract_type
