"""The agreement, who is party to it, and each party's signature."""

from typing import Any, ClassVar

from django.db import models

from marketplace.accounts.models import Organisation
from marketplace.agreements.models.keys import PartyKey
from marketplace.agreements.workflow import AGREEMENT, AgreementState
from marketplace.common.codes import contracts
from marketplace.common.ids import uuid7
from marketplace.common.text import bi, pick
from marketplace.demands.models import Bid, Demand
from marketplace.funding.models import Campaign
from marketplace.workflow.models import Stateful

WHOLE_PPM = 1_000_000
# Ten times what was paid in: whoever wants more has not meant a share.
MOST_CAP_BP = 100_000


class TerminationReason(models.TextChoices):
    """Grounds of the Civil Code of the PRC, articles 562, 563, 857 and 858."""

    MUTUAL = "mutual", bi("协商一致", "Mutual consent")
    BREACH = "breach", bi("违约", "Breach")
    PUBLIC = "tech_public", bi("技术已公开", "The technology became public")
    FAILURE = "tech_failure", bi("技术风险致失败", "Technical failure")
    FORCE_MAJEURE = "force_majeure", bi("不可抗力", "Force majeure")


class Agreement(Stateful):
    """One technology contract for one awarded demand.

    Amounts are fen: `price_fen` = `company_fen` + `campaign_fen`, both posted into escrow at once.
    Later revenue goes by tiers: to the company's evidenced costs, up to `costs_cap_fen` over all years; then to the funders
    until each has had `funders_cap_bp` ten-thousandths of what its pledge paid in; then by shares in parts per million
    that sum to 1,000,000 (100.0000 %). Once the text is frozen these terms stand.
    `document` is the exact text; every party signs the same statement over its SHA-256.
    """

    machine: ClassVar = AGREEMENT

    state = models.CharField(bi("状态", "State"), max_length=32, choices=AgreementState, editable=False)
    demand = models.ForeignKey(Demand, on_delete=models.PROTECT, related_name="agreements")
    bid = models.ForeignKey(Bid, on_delete=models.PROTECT, related_name="+")
    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, null=True, related_name="agreements")
    company = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    university = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    contract_type = models.CharField(bi("合同类型", "Contract type"), max_length=30)
    terms_zh = models.TextField(bi("补充条款（中文）", "Further terms (Chinese)"), blank=True)
    terms_en = models.TextField(bi("补充条款（英文）", "Further terms (English)"), blank=True)
    price_fen = models.BigIntegerField(editable=False)
    company_fen = models.BigIntegerField(editable=False)
    campaign_fen = models.BigIntegerField(editable=False)
    fee_basis_points = models.PositiveSmallIntegerField(editable=False)
    costs_cap_fen = models.BigIntegerField(bi("先行归还的成本上限（分）", "Costs returned first, at most (fen)"), default=0)
    funders_cap_bp = models.PositiveIntegerField(bi("出资方累计上限（万分之）", "Funders' cap (basis points)"), default=0)
    inventor_share_ppm = models.PositiveIntegerField(bi("成果完成人份额", "Inventors' share"))
    unit_share_ppm = models.PositiveIntegerField(bi("所在单位份额", "Institution's share"))
    region_share_ppm = models.PositiveIntegerField(bi("地区份额", "Region's share"), default=0)
    region_body = models.ForeignKey(Organisation, on_delete=models.PROTECT, null=True, related_name="+")
    reward_agreed = models.BooleanField(
        bi("单位对完成人奖酬另有规定或约定", "The unit has other rules for the inventors' reward"), default=False
    )
    version = models.PositiveIntegerField(default=1, editable=False)
    document = models.TextField(blank=True, editable=False)
    document_sha256 = models.CharField(max_length=64, blank=True, editable=False)
    statement = models.BinaryField(null=True, editable=False)
    signed_at = models.DateTimeField(null=True, editable=False)
    fund_by = models.DateTimeField(null=True, editable=False)
    effective_at = models.DateTimeField(null=True, editable=False)
    termination_reason = models.CharField(max_length=16, choices=TerminationReason, blank=True, editable=False)

    class Meta:
        verbose_name = bi("协议", "agreement")
        constraints = (
            models.CheckConstraint(condition=models.Q(state__in=AgreementState.values), name="agreement_state_is_known"),
            models.UniqueConstraint(
                fields=["demand"],
                condition=~models.Q(state__in=(AgreementState.VOID, AgreementState.TERMINATED)),
                name="agreement_one_alive_per_demand",
            ),
            models.CheckConstraint(
                condition=models.Q(price_fen__gt=0, company_fen__gte=0, campaign_fen__gte=0)
                & models.Q(price_fen=models.F("company_fen") + models.F("campaign_fen")),
                name="agreement_sources_make_the_price",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    unit_share_ppm=WHOLE_PPM - models.F("inventor_share_ppm") - models.F("region_share_ppm"),
                ),
                name="agreement_shares_make_the_whole",
            ),
            models.CheckConstraint(
                condition=models.Q(costs_cap_fen__gte=0, funders_cap_bp__lte=MOST_CAP_BP), name="agreement_tiers_are_bounded"
            ),
            models.CheckConstraint(
                condition=models.Q(region_share_ppm=0, region_body__isnull=True)
                | models.Q(region_share_ppm__gt=0, region_body__isnull=False),
                name="agreement_region_is_named",
            ),
            models.CheckConstraint(
                condition=models.Q(campaign__isnull=False) | models.Q(campaign_fen=0, funders_cap_bp=0),
                name="agreement_funders_come_with_a_campaign",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=(AgreementState.NEGOTIATING, AgreementState.VOID))
                | models.Q(document_sha256__regex=r"^[0-9a-f]{64}$"),
                name="agreement_frozen_has_its_hash",
            ),
        )
        indexes = (models.Index(fields=["due_at"], condition=models.Q(due_at__isnull=False), name="agreement_due"),)

    def __str__(self) -> str:
        return self.title

    @property
    def title(self) -> str:
        return self.demand.title

    @property
    def region_code(self) -> str:
        return self.demand.region_code

    @property
    def contract_name(self) -> str:
        return contracts.name_of(self.contract_type)

    @property
    def terms(self) -> str:
        return pick(self.terms_zh, self.terms_en)


class PartyRole(models.TextChoices):
    COMPANY = "company", bi("委托方", "Company")
    TEAM = "team", bi("受托方", "Team")
    FUNDER = "funder", bi("出资方", "Funder")


class Party(models.Model):
    """One organisation's place in an agreement, and its signature once given."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    agreement = models.ForeignKey(Agreement, on_delete=models.CASCADE, related_name="parties")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=8, choices=PartyRole)
    key = models.ForeignKey(PartyKey, on_delete=models.PROTECT, null=True, related_name="+")
    signature = models.CharField(max_length=128, blank=True)
    signed_at = models.DateTimeField(null=True)
    signed_by = models.UUIDField(null=True, help_text="The person, by erasable reference.")

    class Meta:
        verbose_name = bi("当事方", "party")
        constraints = (
            models.UniqueConstraint(fields=["agreement", "organisation"], name="party_once_per_agreement"),
            models.CheckConstraint(
                condition=models.Q(signature="", key__isnull=True, signed_at__isnull=True)
                | (~models.Q(signature="") & models.Q(key__isnull=False, signed_at__isnull=False)),
                name="party_signature_is_whole",
            ),
        )

    def __str__(self) -> str:
        return f"{self.agreement_id} {self.role}"

    @property
    def role_label(self) -> Any:
        return PartyRole(self.role).label
