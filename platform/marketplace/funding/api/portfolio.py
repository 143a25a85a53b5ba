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
from marketplace.funding import portfolio
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


class PortfolioPledgeSerializer(serializers.ModelSerializer[Pledge]):
    """One pledge with what became of its money; `revenue` is null where no agreement gives it a share."""

    campaign_title_zh = serializers.CharField(source="campaign.title_zh", read_only=True)
    campaign_title_en = serializers.CharField(source="campaign.title_en", read_only=True)
    company_name = serializers.CharField(source="campaign.organisation.name", read_only=True)
    state_label = serializers.CharField(read_only=True)
    revenue = serializers.SerializerMethodField()

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
        )
        read_only_fields = fields

    @extend_schema_field(RevenueShareSerializer(allow_null=True))
    def get_revenue(self, pledge: Pledge) -> Any:
        shares: dict[UUID, portfolio.RevenueShare] = self.context["shares"]
        return RevenueShareSerializer(shares[pledge.pk]).data if pledge.pk in shares else None


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
        """Each pledge with what it paid, what was returned, and its share of later revenue; newest first."""
        page = self.paginate_queryset(portfolio.pledges_of(portfolio.institution_of(signed_in(request)))) or []
        shares = portfolio.revenue_shares([pledge.pk for pledge in page])
        return self.get_paginated_response(PortfolioPledgeSerializer(page, many=True, context={"shares": shares}).data)
