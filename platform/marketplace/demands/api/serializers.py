"""What demands and bids look like from outside, and what their actions take."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from marketplace.catalogue.models import IprStatus
from marketplace.common.actor import actor_of
from marketplace.demands.models import LONGEST_TEXT, Bid, Demand, DemandConfidential, Question, RefusalReason
from marketplace.demands.permissions import may_read_confidential, may_read_reference
from marketplace.workflow.api import ActionSerializer, ReasonInput, action_links

FEN: dict[str, Any] = {"min_value": 1, "max_value": 10**15}


class IndicatorSerializer(serializers.Serializer[Any]):
    """One technical indicator: where it stands, where it must get, how that is measured."""

    name_zh = serializers.CharField(max_length=120, allow_blank=True, default="")
    name_en = serializers.CharField(max_length=120, allow_blank=True, default="")
    current = serializers.CharField(max_length=120, allow_blank=True, default="")
    target = serializers.CharField(max_length=120)
    method_zh = serializers.CharField(max_length=300, allow_blank=True, default="")
    method_en = serializers.CharField(max_length=300, allow_blank=True, default="")


class DemandListSerializer(serializers.ModelSerializer[Demand]):
    """One row of a list."""

    organisation_name = serializers.CharField(source="organisation.name", read_only=True)
    state_label = serializers.CharField(read_only=True)

    class Meta:
        model = Demand
        fields: tuple[str, ...] = (
            "id",
            "state",
            "state_label",
            "organisation",
            "organisation_name",
            "mode",
            "title_zh",
            "title_en",
            "industry_code",
            "region_code",
            "readiness_wanted",
            "ipr_wanted",
            "budget_min_fen",
            "budget_max_fen",
            "deadline",
            "opened_at",
            "version",
        )
        read_only_fields: tuple[str, ...] = fields


class ConfidentialSerializer(serializers.ModelSerializer[DemandConfidential]):
    class Meta:
        model = DemandConfidential
        fields = ("details_zh", "details_en", "contact_name", "contact_phone", "contact_email")


class QuestionSerializer(serializers.ModelSerializer[Question]):
    class Meta:
        model = Question
        fields = ("id", "text", "answer", "asked_at", "answered_at")
        read_only_fields = ("id", "answer", "asked_at", "answered_at")


class QuestionInput(serializers.Serializer[Any]):
    """A question, and which one of the asker's own published things it is about, which nobody is shown."""

    text = serializers.CharField(max_length=2000)
    achievement = serializers.UUIDField(required=False)
    team = serializers.UUIDField(required=False)


class AnswerInput(serializers.Serializer[Any]):
    answer = serializers.CharField(max_length=4000)


class DemandSerializer(DemandListSerializer):
    """The whole demand with the caller's actions; `confidential` is null for those who may not read it."""

    indicators = IndicatorSerializer(many=True, read_only=True)
    confidential = serializers.SerializerMethodField()
    actions = serializers.SerializerMethodField()

    class Meta(DemandListSerializer.Meta):
        fields = (
            *DemandListSerializer.Meta.fields,
            "ref",
            "text_zh",
            "text_en",
            "acceptance_zh",
            "acceptance_en",
            "indicators",
            "keywords",
            "extended",
            "awarded_bid",
            "review_note",
            "due_at",
            "confidential",
            "actions",
        )
        read_only_fields = fields

    @extend_schema_field(ConfidentialSerializer(allow_null=True))
    def get_confidential(self, demand: Demand) -> Any:
        if not may_read_confidential(actor_of(self.context["request"]), demand):
            return None
        row = DemandConfidential.objects.filter(pk=demand.pk).first()
        return ConfidentialSerializer(row).data if row else None

    @extend_schema_field(ActionSerializer(many=True))
    def get_actions(self, demand: Demand) -> Any:
        return action_links(demand, actor_of(self.context["request"]), "/api/v1/demands/")

    def to_representation(self, instance: Demand) -> dict[str, Any]:
        """Internal reference and reviewer's note are for the poster and the staff."""
        shown = super().to_representation(instance)
        actor = actor_of(self.context["request"])
        if not may_read_reference(actor, instance):
            shown["ref"] = shown["review_note"] = ""
        return shown


class DemandInput(serializers.ModelSerializer[Demand]):
    """What the poster writes; confidential fields go to their own table."""

    indicators = IndicatorSerializer(many=True, required=False)
    budget_min_fen = serializers.IntegerField(required=False, allow_null=True, **FEN)
    budget_max_fen = serializers.IntegerField(required=False, allow_null=True, **FEN)
    readiness_wanted = serializers.IntegerField(required=False, allow_null=True, min_value=1, max_value=9)
    ipr_wanted = serializers.ListField(
        child=serializers.ChoiceField(choices=IprStatus.choices), max_length=5, required=False, help_text="What would do; empty: any."
    )
    industry_code = serializers.CharField(max_length=2, required=False, allow_blank=True)
    region_code = serializers.CharField(max_length=6)
    keywords = serializers.ListField(child=serializers.CharField(max_length=40), max_length=30, required=False)
    details_zh = serializers.CharField(max_length=LONGEST_TEXT, required=False, allow_blank=True)
    details_en = serializers.CharField(max_length=LONGEST_TEXT, required=False, allow_blank=True)
    contact_name = serializers.CharField(max_length=60, required=False, allow_blank=True)
    contact_phone = serializers.CharField(max_length=30, required=False, allow_blank=True)
    contact_email = serializers.EmailField(required=False, allow_blank=True)

    class Meta:
        model = Demand
        fields = (
            "ref",
            "mode",
            "title_zh",
            "title_en",
            "text_zh",
            "text_en",
            "acceptance_zh",
            "acceptance_en",
            "indicators",
            "keywords",
            "industry_code",
            "region_code",
            "readiness_wanted",
            "ipr_wanted",
            "budget_min_fen",
            "budget_max_fen",
            "deadline",
            "details_zh",
            "details_en",
            "contact_name",
            "contact_phone",
            "contact_email",
        )
        validators = ()
        # A text column has no bound of its own.
        extra_kwargs = {name: {"max_length": LONGEST_TEXT} for name in ("text_zh", "text_en", "acceptance_zh", "acceptance_en")}


class SimilarInput(serializers.Serializer[Any]):
    """The public texts of a demand that is being written."""

    title_zh = serializers.CharField(max_length=120, required=False, allow_blank=True)
    title_en = serializers.CharField(max_length=200, required=False, allow_blank=True)
    text_zh = serializers.CharField(max_length=LONGEST_TEXT, required=False, allow_blank=True)
    text_en = serializers.CharField(max_length=LONGEST_TEXT, required=False, allow_blank=True)


class NearSerializer(serializers.Serializer[Any]):
    """A demand that the caller may see; `likeness` is 1 for the same text, and `is_same` says that it is nearly that."""

    id = serializers.UUIDField(source="demand.pk")
    title = serializers.CharField(source="demand.title")
    state = serializers.CharField(source="demand.state")
    likeness = serializers.FloatField()
    is_same = serializers.BooleanField()


class ScoredSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    title = serializers.CharField()
    score = serializers.FloatField()


class SimilarSerializer(serializers.Serializer[Any]):
    demands = NearSerializer(many=True)
    achievements = ScoredSerializer(many=True)


class ClaimInput(serializers.Serializer[Any]):
    team = serializers.UUIDField()
    plan_zh = serializers.CharField(max_length=LONGEST_TEXT, required=False, allow_blank=True)
    plan_en = serializers.CharField(max_length=LONGEST_TEXT, required=False, allow_blank=True)


class RefusalSerializer(serializers.Serializer[Any]):
    bid = serializers.UUIDField()
    reason = serializers.ChoiceField(choices=RefusalReason.choices)
    text = serializers.CharField(max_length=2000, required=False, allow_blank=True, default="")


class SelectInput(serializers.Serializer[Any]):
    bid = serializers.UUIDField()
    refusals = RefusalSerializer(many=True, required=False, default=list)


class NoAwardInput(ReasonInput):
    refusals = RefusalSerializer(many=True, required=False, default=list)


class MilestoneOfferSerializer(serializers.Serializer[Any]):
    title_zh = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")
    title_en = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")
    days = serializers.IntegerField(min_value=1, max_value=3650)
    share_bp = serializers.IntegerField(min_value=1, max_value=10_000)


class OfferInput(serializers.Serializer[Any]):
    price_fen = serializers.IntegerField(**FEN)
    plan_zh = serializers.CharField(max_length=50_000, required=False, allow_blank=True, default="")
    plan_en = serializers.CharField(max_length=50_000, required=False, allow_blank=True, default="")
    milestones = MilestoneOfferSerializer(many=True)


class BidInput(OfferInput):
    demand = serializers.UUIDField()
    team = serializers.UUIDField()


class BidSerializer(serializers.ModelSerializer[Bid]):
    """A bid; before opening it shows the commitment and no content, to the bidder alone."""

    team_name = serializers.CharField(source="team.name", read_only=True)
    refusal_reason = serializers.CharField(read_only=True, help_text="Empty until the bid is refused.")
    organisation_name = serializers.CharField(source="organisation.name", read_only=True)
    state_label = serializers.CharField(read_only=True)
    milestones = MilestoneOfferSerializer(many=True, read_only=True)
    actions = serializers.SerializerMethodField()

    class Meta:
        model = Bid
        fields: tuple[str, ...] = (
            "id",
            "state",
            "state_label",
            "demand",
            "team",
            "team_name",
            "organisation",
            "organisation_name",
            "commitment",
            "price_fen",
            "plan_zh",
            "plan_en",
            "milestones",
            "refusal_reason",
            "refusal_text",
            "created_at",
            "actions",
        )
        read_only_fields: tuple[str, ...] = fields

    @extend_schema_field(ActionSerializer(many=True))
    def get_actions(self, bid: Bid) -> Any:
        return action_links(bid, actor_of(self.context["request"]), "/api/v1/bids/")


class BidReceiptSerializer(BidSerializer):
    """The answer to a submission: the salt is shown this once, for the bidder to keep."""

    salt = serializers.CharField(read_only=True)

    class Meta(BidSerializer.Meta):
        fields = (*BidSerializer.Meta.fields, "salt")
        read_only_fields = fields
