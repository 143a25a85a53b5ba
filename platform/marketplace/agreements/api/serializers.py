"""What agreements look like from outside, and what their actions take."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from marketplace.agreements.models import Agreement, Milestone, Party, PartyKey, TerminationReason
from marketplace.agreements.models.agreements import MOST_CAP_BP
from marketplace.agreements.permissions import may_read_body
from marketplace.agreements.selectors import regional_bodies
from marketplace.agreements.services.rewards import reward_hint
from marketplace.common.actor import actor_of
from marketplace.workflow.api import ActionSerializer, NoteInput, action_links

PPM: dict[str, Any] = {"min_value": 0, "max_value": 1_000_000}


class PartySerializer(serializers.ModelSerializer[Party]):
    organisation_name = serializers.CharField(source="organisation.name", read_only=True)
    public_key = serializers.CharField(source="key.public_key", default="", read_only=True)
    custody = serializers.CharField(source="key.custody", default="", read_only=True)

    class Meta:
        model = Party
        fields = ("organisation", "organisation_name", "role", "public_key", "custody", "signature", "signed_at")
        read_only_fields = fields


class MilestoneSerializer(serializers.ModelSerializer[Milestone]):
    """One milestone with the caller's actions."""

    state_label = serializers.CharField(read_only=True)
    deliverable_sha256 = serializers.CharField(source="deliverable.sha256", default="", read_only=True)
    deliverable_name = serializers.CharField(source="deliverable.name", default="", read_only=True)
    actions = serializers.SerializerMethodField()

    class Meta:
        model = Milestone
        fields = (
            "id",
            "agreement",
            "ordinal",
            "state",
            "state_label",
            "title_zh",
            "title_en",
            "days",
            "deliver_by",
            "fen",
            "company_fen",
            "campaign_fen",
            "fee_fen",
            "deliverable_name",
            "deliverable_sha256",
            "delivery_note",
            "revisions",
            "review_note",
            "due_at",
            "actions",
        )
        read_only_fields = fields

    @extend_schema_field(ActionSerializer(many=True))
    def get_actions(self, milestone: Milestone) -> Any:
        return action_links(milestone, actor_of(self.context["request"]), "/api/v1/milestones/")


class MilestoneRowSerializer(serializers.ModelSerializer[Milestone]):
    state_label = serializers.CharField(read_only=True)

    class Meta:
        model = Milestone
        fields = ("id", "agreement", "ordinal", "state", "state_label", "title_zh", "title_en", "fen", "fee_fen", "deliver_by")
        read_only_fields = fields


class AgreementRowSerializer(serializers.ModelSerializer[Agreement]):
    title = serializers.CharField(read_only=True)
    state_label = serializers.CharField(read_only=True)

    class Meta:
        model = Agreement
        fields: tuple[str, ...] = (
            "id",
            "title",
            "state",
            "state_label",
            "demand",
            "company",
            "university",
            "price_fen",
            "contract_type",
            "version",
            "signed_at",
        )
        read_only_fields: tuple[str, ...] = fields


class AgreementSerializer(AgreementRowSerializer):
    """The whole agreement; the auditor sees everything but its text."""

    parties = PartySerializer(many=True, read_only=True)
    milestones = MilestoneRowSerializer(many=True, read_only=True)
    reward_hint = serializers.SerializerMethodField()
    document = serializers.SerializerMethodField()
    statement = serializers.SerializerMethodField()
    actions = serializers.SerializerMethodField()

    class Meta(AgreementRowSerializer.Meta):
        fields = (
            *AgreementRowSerializer.Meta.fields,
            "campaign",
            "company_fen",
            "campaign_fen",
            "fee_basis_points",
            "costs_cap_fen",
            "funders_cap_bp",
            "inventor_share_ppm",
            "unit_share_ppm",
            "region_share_ppm",
            "region_body",
            "reward_agreed",
            "reward_hint",
            "document",
            "document_sha256",
            "statement",
            "effective_at",
            "fund_by",
            "due_at",
            "parties",
            "milestones",
            "actions",
        )
        read_only_fields = fields

    def get_reward_hint(self, agreement: Agreement) -> str:
        """What the law says where the inventors' share is low; empty otherwise."""
        return str(reward_hint(agreement) or "")

    def get_document(self, agreement: Agreement) -> str:
        actor = actor_of(self.context["request"])
        return agreement.document if may_read_body(actor, agreement) else ""

    def get_statement(self, agreement: Agreement) -> str:
        """The exact bytes to sign, as text, once the text is frozen."""
        return bytes(agreement.statement or b"").decode()

    @extend_schema_field(ActionSerializer(many=True))
    def get_actions(self, agreement: Agreement) -> Any:
        return action_links(agreement, actor_of(self.context["request"]), "/api/v1/agreements/")


class TermsInput(serializers.Serializer[Any]):
    contract_type = serializers.CharField(max_length=30)
    terms_zh = serializers.CharField(max_length=50_000, required=False, allow_blank=True)
    terms_en = serializers.CharField(max_length=50_000, required=False, allow_blank=True)
    costs_cap_fen = serializers.IntegerField(required=False, min_value=0, max_value=10**15, help_text="Costs returned first, in all.")
    funders_cap_bp = serializers.IntegerField(
        required=False,
        min_value=0,
        max_value=MOST_CAP_BP,
        help_text="Each pledge's cap, in all: 12000 is 1.2 times what it paid in. That of the campaign's terms, and may be left out.",
    )
    inventor_share_ppm = serializers.IntegerField(required=False, **PPM)
    unit_share_ppm = serializers.IntegerField(required=False, **PPM)
    region_share_ppm = serializers.IntegerField(required=False, **PPM)
    region_body = serializers.PrimaryKeyRelatedField(
        queryset=regional_bodies(),
        required=False,
        allow_null=True,
        help_text="A verified service provider: it receives the region's share.",
    )
    reward_agreed = serializers.BooleanField(required=False, help_text="The institution has other rules for the inventors' reward.")


class DrawInput(TermsInput):
    demand = serializers.UUIDField()
    campaign = serializers.UUIDField(required=False, allow_null=True)
    inventor_share_ppm = serializers.IntegerField(**PPM)
    unit_share_ppm = serializers.IntegerField(**PPM)


class SignInput(serializers.Serializer[Any]):
    signature = serializers.RegexField(r"^[0-9a-fA-F]{128}$", required=False, allow_blank=True)
    key = serializers.UUIDField(required=False, allow_null=True)


class TerminateInput(serializers.Serializer[Any]):
    reason = serializers.ChoiceField(choices=TerminationReason.choices)
    text = serializers.CharField(max_length=4000)


class DeliverInput(NoteInput):
    file = serializers.FileField()


class KeySerializer(serializers.ModelSerializer[PartyKey]):
    class Meta:
        model = PartyKey
        fields = ("id", "custody", "public_key", "added_at", "revoked_at")
        read_only_fields = fields


class KeyInput(serializers.Serializer[Any]):
    """Give the public key, or leave it out to have the platform keep the key."""

    public_key = serializers.RegexField(r"^[0-9a-fA-F]{64}$", required=False, allow_blank=True)
