"""What campaigns and pledges look like from outside, and what their actions take."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from marketplace.common.actor import actor_of
from marketplace.common.shapes import Input, ModelSerializer
from marketplace.funding import risk
from marketplace.funding.api.offers import TermsField, UseOfFundsInput, UseOfFundsSerializer
from marketplace.funding.models import LONGEST_TEXT, MOST_FUNDERS, Campaign, Pledge
from marketplace.funding.pools import offers_for
from marketplace.funding.selectors import firm_and_cooling_fen
from marketplace.funding.terms import Instrument
from marketplace.workflow.api import ActionSerializer, action_links


class FenField(serializers.IntegerField):
    """A positive amount in fen."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=1, max_value=10**15, **kwargs)


class CampaignRowSerializer(ModelSerializer[Campaign]):
    """One row of a list."""

    organisation_name = serializers.CharField(source="organisation.name", read_only=True)
    state_label = serializers.CharField(read_only=True)
    left_fen = serializers.IntegerField(read_only=True)
    instrument = serializers.SerializerMethodField()

    class Meta:
        model = Campaign
        fields: tuple[str, ...] = (
            "id",
            "demand",
            "organisation",
            "organisation_name",
            "state",
            "state_label",
            "instrument",
            "title_zh",
            "title_en",
            "minimum_fen",
            "optimum_fen",
            "funder_min_fen",
            "funder_max_fen",
            "max_funders",
            "held_fen",
            "captured_fen",
            "matched_fen",
            "left_fen",
            "deadline",
            "opened_at",
        )
        read_only_fields: tuple[str, ...] = fields

    @extend_schema_field(serializers.ChoiceField(choices=Instrument.choices, allow_null=True))
    def get_instrument(self, campaign: Campaign) -> str | None:
        return campaign.instrument or None


class CampaignMilestoneSerializer(serializers.Serializer[Any]):
    """One milestone of the awarded bid: when money is paid out, in basis points of the whole."""

    title_zh = serializers.CharField()
    title_en = serializers.CharField()
    days = serializers.IntegerField()
    share_bp = serializers.IntegerField()


class MatchingSerializer(serializers.Serializer[Any]):
    """A pool that adds to the campaign's pledges while it `runs`, and what it has added so far."""

    name_zh = serializers.CharField(source="pool.name_zh")
    name_en = serializers.CharField(source="pool.name_en")
    runs = serializers.BooleanField()
    ratio_bp = serializers.IntegerField(source="pool.ratio_bp")
    pledge_cap_fen = serializers.IntegerField(source="pool.pledge_cap_fen")
    campaign_cap_fen = serializers.IntegerField(source="pool.campaign_cap_fen")
    given_fen = serializers.IntegerField()


class CampaignSerializer(CampaignRowSerializer):
    """The whole campaign with the caller's actions; the list of invited funders and the reason for more time are not for funders."""

    firm_fen = serializers.SerializerMethodField()
    cooling_fen = serializers.SerializerMethodField()
    terms = TermsField(source="written_terms", read_only=True, allow_null=True, help_text="Null until the draft has terms.")
    use_of_funds = serializers.SerializerMethodField()
    milestones = CampaignMilestoneSerializer(many=True, read_only=True)
    risk_statement = serializers.CharField(read_only=True)
    matching = serializers.SerializerMethodField()
    invited = serializers.SerializerMethodField()
    extension_reason = serializers.SerializerMethodField()
    actions = serializers.SerializerMethodField()

    class Meta(CampaignRowSerializer.Meta):
        fields = (
            *CampaignRowSerializer.Meta.fields,
            "text_zh",
            "text_en",
            "terms",
            "terms_sha256",
            "use_of_funds",
            "milestones",
            "firm_fen",
            "cooling_fen",
            "matching",
            "risk_version",
            "risk_statement",
            "invited",
            "review_note",
            "clears_at",
            "extension_until",
            "extension_reason",
            "extended_from",
            "close_asked_at",
            "due_at",
            "actions",
        )
        read_only_fields = fields

    @extend_schema_field(UseOfFundsSerializer(many=True))
    def get_use_of_funds(self, campaign: Campaign) -> Any:
        return UseOfFundsSerializer(campaign.use_of_funds.order_by("ordinal"), many=True).data

    def get_firm_fen(self, campaign: Campaign) -> int:
        return self._held(campaign)[0]

    def get_cooling_fen(self, campaign: Campaign) -> int:
        return self._held(campaign)[1]

    def _held(self, campaign: Campaign) -> tuple[int, int]:
        """Firm and cooling off, by one query for both."""
        kept: dict[UUID, tuple[int, int]] = self.__dict__.setdefault("held_fen", {})
        if campaign.pk not in kept:
            kept[campaign.pk] = firm_and_cooling_fen(campaign)
        return kept[campaign.pk]

    @extend_schema_field(MatchingSerializer(many=True))
    def get_matching(self, campaign: Campaign) -> Any:
        return MatchingSerializer(offers_for(campaign), many=True).data

    @extend_schema_field(serializers.ListField(child=serializers.UUIDField(), allow_null=True))
    def get_invited(self, campaign: Campaign) -> Any:
        if not self._runs(campaign):
            return None
        return list(campaign.invited.order_by("pk").values_list("pk", flat=True))

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_extension_reason(self, campaign: Campaign) -> str | None:
        return campaign.extension_reason if self._runs(campaign) else None

    def _runs(self, campaign: Campaign) -> bool:
        actor = actor_of(self.context["request"])
        return actor.staff is not None or actor.organisation_id == campaign.organisation_id

    @extend_schema_field(ActionSerializer(many=True))
    def get_actions(self, campaign: Campaign) -> Any:
        return action_links(campaign, actor_of(self.context["request"]), "/api/v1/campaigns/")


class CampaignInput(Input):
    """What the company writes. Amounts are fen."""

    title_zh = serializers.CharField(max_length=120, required=False, allow_blank=True)
    title_en = serializers.CharField(max_length=200, required=False, allow_blank=True)
    text_zh = serializers.CharField(max_length=LONGEST_TEXT, required=False, allow_blank=True)
    text_en = serializers.CharField(max_length=LONGEST_TEXT, required=False, allow_blank=True)
    minimum_fen = FenField()
    optimum_fen = FenField()
    funder_min_fen = FenField()
    funder_max_fen = FenField()
    max_funders = serializers.IntegerField(min_value=1, max_value=MOST_FUNDERS)
    deadline = serializers.DateTimeField()
    invited = serializers.ListField(child=serializers.UUIDField(), max_length=1000, required=False)
    terms = TermsField(required=False, help_text="Needed before the campaign is submitted.")
    use_of_funds = UseOfFundsInput(many=True, required=False)


class ExtensionInput(Input):
    """A later deadline, at most 60 days later, and the reason for it."""

    until = serializers.DateTimeField()
    reason = serializers.CharField(max_length=2000)


class ExtensionGrantInput(Input):
    """The campaign's `extension_until` as the reviewer read it: another one is not granted."""

    until = serializers.DateTimeField()


class CampaignCreateInput(CampaignInput):
    demand = serializers.UUIDField()


class PledgeRowSerializer(ModelSerializer[Pledge]):
    """One row of the caller's pledges."""

    state_label = serializers.CharField(read_only=True)
    campaign_title_zh = serializers.CharField(source="campaign.title_zh", read_only=True)
    campaign_title_en = serializers.CharField(source="campaign.title_en", read_only=True)

    class Meta:
        model = Pledge
        fields: tuple[str, ...] = (
            "id",
            "campaign",
            "campaign_title_zh",
            "campaign_title_en",
            "organisation",
            "state",
            "state_label",
            "fen",
            "captured_fen",
            "refunded_fen",
            "risk_version",
            "terms_sha256",
            "accepted_at",
            "agreed_close_at",
            "created_at",
            "due_at",
        )
        read_only_fields: tuple[str, ...] = fields


class PledgeSerializer(PledgeRowSerializer):
    """The caller's own pledge with its actions."""

    actions = serializers.SerializerMethodField()

    class Meta(PledgeRowSerializer.Meta):
        fields = (*PledgeRowSerializer.Meta.fields, "actions")
        read_only_fields = fields

    @extend_schema_field(ActionSerializer(many=True))
    def get_actions(self, pledge: Pledge) -> Any:
        return action_links(pledge, actor_of(self.context["request"]), "/api/v1/pledges/")


class AcceptanceInput(Input):
    """What a funder accepts: the risk statement by its version, the terms by their hash, and its own suitability."""

    risk_version = serializers.CharField(max_length=20, help_text=f"The campaign's risk_version, such as {risk.VERSION}.")
    terms_sha256 = serializers.CharField(max_length=64, allow_blank=True, help_text="The campaign's terms_sha256.")
    suitable = serializers.BooleanField()


class PledgeInput(AcceptanceInput):
    campaign = serializers.UUIDField()
    fen = FenField()
