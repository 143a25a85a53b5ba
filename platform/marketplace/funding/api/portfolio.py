"""An institution's portfolio over HTTP: the figures of its page and of its files."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from marketplace.common.actor import signed_in
from marketplace.funding import portfolio, progress
from marketplace.funding.models import Pledge
from marketplace.workflow.api import PROBLEMS


class TotalsSerializer(serializers.Serializer[Any]):
    """Everything so far, in fen; what is held may still be released or captured."""

    pledges = serializers.IntegerField(source="pledged")
    held_fen = serializers.IntegerField()
    paid_fen = serializers.IntegerField()
    returned_fen = serializers.IntegerField()
    revenue_fen = serializers.IntegerField()


class FlowSerializer(serializers.Serializer[Any]):
    """One quarter by Beijing's calendar, in fen: paid into campaigns, returned from them, and shares of revenue."""

    year = serializers.IntegerField()
    quarter = serializers.IntegerField(min_value=1, max_value=4)
    paid_fen = serializers.IntegerField()
    returned_fen = serializers.IntegerField()
    revenue_fen = serializers.IntegerField()


class PortfolioSerializer(serializers.Serializer[Any]):
    """The sums over all time, and the cash flow of the last four to eight quarters, the oldest first."""

    totals = TotalsSerializer()
    flows = FlowSerializer(many=True)


class RevenueShareSerializer(serializers.Serializer[Any]):
    """What a pledge has received of later revenue, and the most that may still come: neither is promised."""

    received_fen = serializers.IntegerField()
    cap_fen = serializers.IntegerField()
    remaining_fen = serializers.IntegerField()


class MilestonesSerializer(serializers.Serializer[Any]):
    """How many milestones the work has, and how many of them are released."""

    total = serializers.SerializerMethodField()
    released = serializers.IntegerField()

    def get_total(self, work: progress.Work) -> int:
        return len(work.weights)


class StepSerializer(serializers.Serializer[Any]):
    """What happens next, of which milestone (null for none), and by when (null where no clock runs)."""

    kind = serializers.ChoiceField(choices=progress.StepKind.choices)
    text = serializers.CharField(source="label")
    milestone = serializers.SerializerMethodField()
    due_at = serializers.DateTimeField(allow_null=True)

    def get_milestone(self, step: progress.Step) -> int | None:
        return step.ordinal or None


class PortfolioPledgeSerializer(serializers.ModelSerializer[Pledge]):
    """One pledge with what became of its money, where its work stands and what comes next.

    `revenue` is null where no agreement gives it a share, `milestones` where its money never went in, `next_step` where
    nothing more is to come.
    """

    campaign_title_zh = serializers.CharField(source="campaign.title_zh", read_only=True)
    campaign_title_en = serializers.CharField(source="campaign.title_en", read_only=True)
    company_name = serializers.CharField(source="campaign.organisation.name", read_only=True)
    state_label = serializers.CharField(read_only=True)
    revenue = serializers.SerializerMethodField()
    milestones = serializers.SerializerMethodField()
    next_step = serializers.SerializerMethodField()

    class Meta:
        model = Pledge
        fields = (
            "id",
            "campaign",
            "campaign_title_zh",
            "campaign_title_en",
            "company_name",
            "state",
            "state_label",
            "accepted_at",
            "fen",
            "captured_fen",
            "refunded_fen",
            "revenue",
            "milestones",
            "next_step",
        )
        read_only_fields = fields

    @extend_schema_field(RevenueShareSerializer(allow_null=True))
    def get_revenue(self, pledge: Pledge) -> Any:
        shares: dict[UUID, portfolio.RevenueShare] = self.context["shares"]
        return RevenueShareSerializer(shares[pledge.pk]).data if pledge.pk in shares else None

    @extend_schema_field(MilestonesSerializer(allow_null=True))
    def get_milestones(self, pledge: Pledge) -> Any:
        work = self._standing(pledge).work
        return MilestonesSerializer(work).data if work else None

    @extend_schema_field(StepSerializer(allow_null=True))
    def get_next_step(self, pledge: Pledge) -> Any:
        step = self._standing(pledge).next
        return StepSerializer(step).data if step else None

    def _standing(self, pledge: Pledge) -> progress.Standing:
        found: progress.Standing = self.context["standings"][pledge.pk]
        return found


class PortfolioView(APIView):
    """What the caller's institution has put in, what is held, and what has come back."""

    permission_classes = (IsAuthenticated,)

    @extend_schema(operation_id="portfolio", responses={200: PortfolioSerializer, **PROBLEMS})
    def get(self, request: Request) -> Response:
        """Sums over all time, and the cash flow by quarter."""
        mine = portfolio.institution_of(signed_in(request))
        return Response(PortfolioSerializer({"totals": portfolio.totals_of(mine), "flows": portfolio.flows_of(mine)}).data)


class PortfolioPledgesView(ListAPIView[Pledge]):
    """The pledges of the caller's institution that were ever confirmed."""

    permission_classes = (IsAuthenticated,)
    queryset = Pledge.objects.none()
    serializer_class = PortfolioPledgeSerializer
    filter_backends = ()

    @extend_schema(operation_id="portfolio_pledges", responses={200: PortfolioPledgeSerializer(many=True), **PROBLEMS})
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Each pledge with what it paid, what was returned, its share of later revenue, and where its work stands; newest first."""
        page = self.paginate_queryset(portfolio.pledges_of(portfolio.institution_of(signed_in(request)))) or []
        shares = portfolio.revenue_shares([pledge.pk for pledge in page])
        known = {"shares": shares, "standings": progress.standings(page, shares)}
        return self.get_paginated_response(PortfolioPledgeSerializer(page, many=True, context=known).data)
