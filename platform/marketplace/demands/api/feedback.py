"""What an organisation says of matches, over HTTP: its own words alone."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import mixins, serializers, status
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from marketplace.common.actor import actor_of, signed_in
from marketplace.common.errors import BadRequest
from marketplace.common.text import bi
from marketplace.demands import selectors
from marketplace.demands.models import DeclineReason, MatchJudgement
from marketplace.demands.services import judging
from marketplace.workflow.api import PROBLEMS

UUID4 = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
REASON = "Needed where it is not useful: wrong field, readiness, price, region, already known, other."


class FeedbackSerializer(serializers.ModelSerializer[MatchJudgement]):
    """One word on a demand and an achievement or a team; the other of the two is null."""

    demand = serializers.UUIDField(source="demand_id")
    achievement = serializers.UUIDField(source="achievement_id", allow_null=True)
    team = serializers.UUIDField(source="team_id", allow_null=True)
    reason = serializers.ChoiceField(choices=DeclineReason.choices, allow_blank=True, help_text="Empty where it is useful.")

    class Meta:
        model = MatchJudgement
        fields = ("id", "demand", "achievement", "team", "useful", "reason", "at")
        read_only_fields = fields


class FeedbackInput(serializers.Serializer[Any]):
    """A demand, exactly one of achievement and team, and what is said of the two."""

    demand = serializers.UUIDField()
    achievement = serializers.UUIDField(required=False)
    team = serializers.UUIDField(required=False)
    useful = serializers.BooleanField()
    reason = serializers.ChoiceField(choices=DeclineReason.choices, required=False, allow_blank=True, default="", help_text=REASON)


@extend_schema_view(retrieve=extend_schema(responses={200: FeedbackSerializer, **PROBLEMS}))
class FeedbackViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, GenericViewSet[MatchJudgement]):
    """What the caller's organisation said of matches; nobody else sees it."""

    queryset = MatchJudgement.objects.none()
    serializer_class = FeedbackSerializer
    permission_classes = (IsAuthenticated,)
    lookup_value_regex = UUID4

    def get_queryset(self) -> QuerySet[MatchJudgement]:
        return selectors.judgements_for(actor_of(self.request))

    @extend_schema(request=FeedbackInput, responses={200: FeedbackSerializer, **PROBLEMS})
    def create(self, request: Request) -> Response:
        """Say that a match is useful or not; what is not useful is left out of the organisation's matches. The last word counts."""
        actor = signed_in(request)
        body = FeedbackInput(data=request.data)
        body.is_valid(raise_exception=True)
        given = dict(body.validated_data)
        named = {name: given[name] for name in ("achievement", "team") if name in given}
        if len(named) != 1:
            raise BadRequest(bi("请给出 achievement、team 之一。", "Give exactly one of achievement and team."))
        demand, supply = selectors.demand_for(actor, given["demand"]), selectors.supply_for(actor, named)
        judged = judging.match_judge(demand=demand, supply=supply, actor=actor, useful=given["useful"], reason=given["reason"])
        return Response(self.get_serializer(judged).data)

    @extend_schema(responses={204: None, **PROBLEMS})
    def destroy(self, request: Request, pk: str) -> Response:
        """Take it back: the match is ranked again."""
        judging.match_take_back(judgement=self.get_object(), actor=actor_of(request))
        return Response(status=status.HTTP_204_NO_CONTENT)
