"""Matching pools over HTTP: for the institutions whose money it is."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_view
from rest_framework import mixins, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from marketplace.common.actor import actor_of, signed_in
from marketplace.common.narrowing import narrowed, one_of
from marketplace.funding import pools
from marketplace.funding.api.paging import NewestOpened
from marketplace.funding.api.serializers import FenField
from marketplace.funding.api.views import SignedIn, validated
from marketplace.funding.models import MOST_RATIO_BP, MatchingPool
from marketplace.funding.pool_workflow import POOL, PoolState
from marketplace.funding.services.pools import pool_open
from marketplace.workflow.api import IDEMPOTENCY_KEY, PROBLEMS, ActionSerializer, action_links, documented_actions, idempotent


class PurseSerializer(serializers.Serializer[Any]):
    """The pool's money in fen: promised to pledges, paid in with them and not returned, free to promise, and the three together."""

    given_fen = serializers.IntegerField()
    committed_fen = serializers.IntegerField()
    paid_fen = serializers.IntegerField()
    left_fen = serializers.IntegerField()


class PoolUseSerializer(serializers.Serializer[Any]):
    """What the pool has added in one campaign, and not by pledge."""

    campaign = serializers.UUIDField(source="campaign.pk")
    title_zh = serializers.CharField(source="campaign.title_zh")
    title_en = serializers.CharField(source="campaign.title_en")
    pledges = serializers.IntegerField()
    held_fen = serializers.IntegerField()
    captured_fen = serializers.IntegerField()
    refunded_fen = serializers.IntegerField()


class PoolRowSerializer(serializers.ModelSerializer[MatchingPool]):
    """One row of a list: the pool's rule."""

    organisation_name = serializers.CharField(source="organisation.name", read_only=True)
    state_label = serializers.CharField(read_only=True)

    class Meta:
        model = MatchingPool
        fields: tuple[str, ...] = (
            "id",
            "organisation",
            "organisation_name",
            "state",
            "state_label",
            "name_zh",
            "name_en",
            "ratio_bp",
            "pledge_cap_fen",
            "campaign_cap_fen",
            "funder_cap_fen",
            "regions",
            "industries",
            "until",
            "created_at",
        )
        read_only_fields: tuple[str, ...] = fields


class PoolSerializer(PoolRowSerializer):
    """The whole pool with its money, its campaigns and the caller's actions."""

    money = serializers.SerializerMethodField()
    campaigns = serializers.SerializerMethodField()
    actions = serializers.SerializerMethodField()

    class Meta(PoolRowSerializer.Meta):
        fields = (*PoolRowSerializer.Meta.fields, "money", "campaigns", "due_at", "actions")
        read_only_fields = fields

    @extend_schema_field(PurseSerializer)
    def get_money(self, pool: MatchingPool) -> Any:
        return PurseSerializer(pools.purses_of([pool])[pool.pk]).data

    @extend_schema_field(PoolUseSerializer(many=True))
    def get_campaigns(self, pool: MatchingPool) -> Any:
        return PoolUseSerializer(pools.uses_of(pool), many=True).data

    @extend_schema_field(ActionSerializer(many=True))
    def get_actions(self, pool: MatchingPool) -> Any:
        return action_links(pool, actor_of(self.context["request"]), "/api/v1/pools/")


class PoolMoneyInput(serializers.Serializer[Any]):
    """So much of the wallet goes into the pool."""

    fen = FenField()


class PoolInput(PoolMoneyInput):
    """The rule of a pool, which never changes, and its first money. Empty lists mean all regions, all industries."""

    name_zh = serializers.CharField(max_length=80, required=False, allow_blank=True)
    name_en = serializers.CharField(max_length=120, required=False, allow_blank=True)
    ratio_bp = serializers.IntegerField(min_value=1, max_value=MOST_RATIO_BP, help_text="Basis points per fen of a pledge: 2000 is 20 %.")
    pledge_cap_fen = FenField()
    campaign_cap_fen = FenField()
    funder_cap_fen = FenField()
    regions = serializers.ListField(
        child=serializers.CharField(max_length=6), required=False, max_length=50, help_text="GB/T 2260: province (11) or district (110108)."
    )
    industries = serializers.ListField(
        child=serializers.CharField(max_length=2), required=False, max_length=97, help_text="Divisions of GB/T 4754-2017."
    )
    until = serializers.DateTimeField()


@documented_actions
@extend_schema_view(
    list=extend_schema(parameters=[one_of("state", PoolState.values)]),
    retrieve=extend_schema(responses={200: PoolSerializer, **PROBLEMS}),
)
class PoolViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, SignedIn):
    """The caller's own matching pools."""

    machine = POOL
    queryset = MatchingPool.objects.none()
    serializer_class = PoolSerializer
    row_class = PoolRowSerializer
    pagination_class = NewestOpened
    action_inputs: ClassVar = {"add_money": PoolMoneyInput}

    def get_queryset(self) -> QuerySet[MatchingPool]:
        return narrowed(self, pools.pools_for(actor_of(self.request)), "state")

    @extend_schema(request=PoolInput, parameters=[IDEMPOTENCY_KEY], responses={201: PoolSerializer, **PROBLEMS})
    def create(self, request: Request) -> Response:
        """Open a pool with its first money."""
        actor = signed_in(self.request)
        given = validated(PoolInput, request)

        def run() -> tuple[int, Any]:
            pool = pool_open(actor=actor, fen=given.pop("fen"), terms=given)
            return 201, self.get_serializer(pool).data

        return idempotent(request, actor, run)
