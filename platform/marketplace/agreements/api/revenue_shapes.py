"""What revenue reports look like from outside, and what their actions take."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from marketplace.agreements import selectors
from marketplace.agreements.models import Agreement, Distribution, RevenueQuestion, RevenueReport, Tier
from marketplace.agreements.permissions import line_visible
from marketplace.agreements.services import standing
from marketplace.common.actor import actor_of
from marketplace.workflow.api import ActionSerializer, action_links


class DistributionSerializer(serializers.ModelSerializer[Distribution]):
    """One line: who received how many fen, in which tier, and for which pledge."""

    pledge_id = serializers.UUIDField(read_only=True, allow_null=True)

    class Meta:
        model = Distribution
        fields = ("tier", "role", "organisation", "pledge_id", "fen")
        read_only_fields = fields


class TierSumsSerializer(serializers.Serializer[Any]):
    """What each tier of a report came to, in fen; nothing before it is distributed."""

    costs_fen = serializers.IntegerField()
    funders_fen = serializers.IntegerField()
    rest_fen = serializers.IntegerField()


class RevenueQuestionSerializer(serializers.ModelSerializer[RevenueQuestion]):
    class Meta:
        model = RevenueQuestion
        fields = ("id", "organisation", "text", "asked_at", "answer", "answered_at")
        read_only_fields = fields


class RevenueRowSerializer(serializers.ModelSerializer[RevenueReport]):
    """One report and how it was divided; of the funders' lines the caller sees its own."""

    state_label = serializers.CharField(read_only=True)
    evidence_sha256 = serializers.CharField(source="evidence.sha256", read_only=True)
    tiers = serializers.SerializerMethodField()
    distributions = serializers.SerializerMethodField()

    class Meta:
        model = RevenueReport
        fields: tuple[str, ...] = (
            "id",
            "agreement",
            "state",
            "state_label",
            "period_from",
            "period_to",
            "revenue_fen",
            "costs_fen",
            "shared_fen",
            "note",
            "evidence_sha256",
            "audit_until",
            "tiers",
            "distributions",
        )
        read_only_fields: tuple[str, ...] = fields

    @extend_schema_field(TierSumsSerializer)
    def get_tiers(self, report: RevenueReport) -> Any:
        lines = list(report.distributions.all())
        names = {Tier.COSTS: "costs_fen", Tier.FUNDERS: "funders_fen", Tier.REST: "rest_fen"}
        return {name: sum(line.fen for line in lines if line.tier == tier) for tier, name in names.items()}

    @extend_schema_field(DistributionSerializer(many=True))
    def get_distributions(self, report: RevenueReport) -> Any:
        actor = actor_of(self.context["request"])
        return DistributionSerializer([line for line in report.distributions.all() if line_visible(actor, line)], many=True).data


class ObjectionSerializer(serializers.Serializer[Any]):
    """Why a party contested the report, or the company withdrew it."""

    action = serializers.ChoiceField(choices=["contest", "withdraw"])
    organisation = serializers.UUIDField(source="organisation.pk")
    reason = serializers.CharField()
    at = serializers.DateTimeField()


class RevenueSerializer(RevenueRowSerializer):
    """The report with its questions, what was said against it, and the caller's actions."""

    questions = RevenueQuestionSerializer(many=True, read_only=True)
    objections = serializers.SerializerMethodField()
    actions = serializers.SerializerMethodField()

    class Meta(RevenueRowSerializer.Meta):
        fields = (*RevenueRowSerializer.Meta.fields, "questions", "objections", "actions")
        read_only_fields = fields

    @extend_schema_field(ObjectionSerializer(many=True))
    def get_objections(self, report: RevenueReport) -> Any:
        return ObjectionSerializer(selectors.objections(report), many=True).data

    @extend_schema_field(ActionSerializer(many=True))
    def get_actions(self, report: RevenueReport) -> Any:
        return action_links(report, actor_of(self.context["request"]), "/api/v1/revenue-reports/")


class RevenueInput(serializers.Serializer[Any]):
    agreement = serializers.UUIDField()
    period_from = serializers.DateField()
    period_to = serializers.DateField()
    revenue_fen = serializers.IntegerField(min_value=1, max_value=10**15)
    costs_fen = serializers.IntegerField(min_value=0, max_value=10**15, required=False, help_text="As the evidence shows them.")
    shared_fen = serializers.IntegerField(min_value=1, max_value=10**15)
    note = serializers.CharField(max_length=4000, required=False, allow_blank=True)
    evidence = serializers.FileField()


class RevenueAskInput(serializers.Serializer[Any]):
    text = serializers.CharField(max_length=4000)


class RevenueAnswerInput(RevenueAskInput):
    question = serializers.UUIDField()


class PledgeStandingSerializer(serializers.Serializer[Any]):
    pledge = serializers.UUIDField()
    cap_fen = serializers.IntegerField()
    received_fen = serializers.IntegerField()


class RevenueStandingSerializer(serializers.Serializer[Any]):
    """What all reports so far have paid by tier, in fen, and the caller's own pledges under their caps."""

    costs_cap_fen = serializers.IntegerField()
    costs_evidenced_fen = serializers.IntegerField()
    costs_paid_fen = serializers.IntegerField()
    funders_cap_fen = serializers.IntegerField()
    funders_received_fen = serializers.IntegerField()
    inventor_fen = serializers.IntegerField()
    unit_fen = serializers.IntegerField()
    region_fen = serializers.IntegerField()
    pledges = PledgeStandingSerializer(many=True)


def standing_told(agreement: Agreement, own: set[Any] | None) -> dict[str, Any]:
    """The agreement's tiers as they stand; of pledges only those in `own`, or all where it is None."""
    terms, before = standing.terms_of(agreement), standing.before(agreement)
    return {
        "costs_cap_fen": terms.costs_cap_fen,
        "costs_evidenced_fen": before.evidenced_fen,
        "costs_paid_fen": before.costs_fen,
        "funders_cap_fen": sum(terms.caps.values()),
        "funders_received_fen": sum(before.received.values()),
        **{f"{role}_fen": before.rest.get(role, 0) for role in terms.shares},
        "pledges": [
            {"pledge": pledge, "cap_fen": cap, "received_fen": before.received.get(pledge, 0)}
            for pledge, cap in terms.caps.items()
            if own is None or pledge in own
        ],
    }
