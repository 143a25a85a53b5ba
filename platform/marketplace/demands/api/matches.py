"""Matches: ranked supply for a demand, ranked demands for supply; terms and soft terms sum to the score."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from marketplace.catalogue import selectors as catalogue
from marketplace.common.actor import actor_of
from marketplace.common.errors import BadRequest
from marketplace.common.text import bi
from marketplace.demands.selectors import demand_for
from marketplace.demands.services import conditions, ranking
from marketplace.demands.services.indexing import CORPUS
from marketplace.workflow.api import PROBLEMS

WITHOUT = OpenApiParameter(
    "without", str, many=True, enum=conditions.NAMES, description="Conditions that are not to be applied: budget, protection (ipr)."
)


class TermSerializer(serializers.Serializer[Any]):
    text = serializers.CharField()
    share = serializers.FloatField()
    field = serializers.CharField()


class SoftSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    share = serializers.FloatField()


class MatchSerializer(serializers.Serializer[Any]):
    """One match; `terms` and `soft` sum to `score` (0 to 1)."""

    id = serializers.UUIDField()
    title = serializers.CharField()
    score = serializers.FloatField()
    terms = TermSerializer(many=True)
    soft = SoftSerializer(many=True)
    uncovered = serializers.ListField(child=serializers.CharField())


class MatchesInput(serializers.Serializer[Any]):
    """Exactly one of demand, team and achievement."""

    demand = serializers.UUIDField(required=False)
    team = serializers.UUIDField(required=False)
    achievement = serializers.UUIDField(required=False)
    corpus = serializers.ChoiceField(choices=["achievement", "team"], default="achievement")
    region_code = serializers.CharField(max_length=6, required=False, default="")
    without = serializers.MultipleChoiceField(choices=conditions.NAMES, default=set)
    k = serializers.IntegerField(min_value=1, max_value=50, default=ranking.TOP)


class ConditionsInput(serializers.Serializer[Any]):
    """Exactly one of demand and achievement."""

    demand = serializers.UUIDField(required=False)
    achievement = serializers.UUIDField(required=False)
    without = serializers.MultipleChoiceField(choices=conditions.NAMES, default=set)


class ConditionSerializer(serializers.Serializer[Any]):
    """A condition that the one asked for states; `removed` counts the public things that it takes out, applied or not."""

    name = serializers.ChoiceField(choices=conditions.NAMES)
    applied = serializers.BooleanField()
    removed = serializers.IntegerField()


class MatchesView(APIView):
    """The matcher over HTTP."""

    permission_classes = (AllowAny,)

    @extend_schema(
        operation_id="matches_list",
        parameters=[MatchesInput, OpenApiParameter("corpus", str, enum=["achievement", "team"]), WITHOUT],
        responses={200: MatchSerializer(many=True), **PROBLEMS},
    )
    def get(self, request: Request) -> Response:
        """Rank and explain."""
        asked = MatchesInput(data=request.query_params)
        asked.is_valid(raise_exception=True)
        given = dict(asked.validated_data)
        subjects = [name for name in ("demand", "team", "achievement") if name in given]
        if len(subjects) != 1:
            raise BadRequest(bi("请给出 demand、team、achievement 之一。", "Give exactly one of demand, team and achievement."))
        corpus, found = self._ranked(request, subjects[0], given)
        titles = ranking.titles_of(corpus, [match.id for match in found])
        rows = [_row(match, titles) for match in found if match.id in titles]
        return Response(MatchSerializer(rows, many=True).data)

    def _ranked(self, request: Request, subject: str, given: dict[str, Any]) -> tuple[str, Any]:
        actor, k = actor_of(request), given["k"]
        if subject == "demand":
            demand = demand_for(actor, given["demand"])
            found = ranking.supply_for_demand(
                demand, corpus=given["corpus"], region_code=given["region_code"], without=given["without"], k=k
            )
            return given["corpus"], found
        if subject == "team":
            return CORPUS, ranking.demands_for_team(catalogue.found(catalogue.teams_for(actor), given["team"]), k=k)
        achievement = catalogue.found(catalogue.achievements_for(actor), given["achievement"])
        return CORPUS, ranking.demands_for_achievement(achievement, without=given["without"], k=k)


class ConditionsView(APIView):
    """The hard conditions behind the matches."""

    permission_classes = (AllowAny,)

    @extend_schema(
        operation_id="matches_conditions",
        parameters=[ConditionsInput, WITHOUT],
        responses={200: ConditionSerializer(many=True), **PROBLEMS},
    )
    def get(self, request: Request) -> Response:
        """Each condition that is stated, and how many public things it takes out before the ranking."""
        asked = ConditionsInput(data=request.query_params)
        asked.is_valid(raise_exception=True)
        given, actor = dict(asked.validated_data), actor_of(request)
        if ("demand" in given) == ("achievement" in given):
            raise BadRequest(bi("请给出 demand、achievement 之一。", "Give exactly one of demand and achievement."))
        if "demand" in given:
            judged = conditions.on_supply(demand_for(actor, given["demand"]), without=given["without"])
        else:
            achievement = catalogue.found(catalogue.achievements_for(actor), given["achievement"])
            judged = conditions.on_demands(achievement, without=given["without"])
        return Response(ConditionSerializer(judged.stated, many=True).data)


def _row(match: Any, titles: dict[UUID, str]) -> dict[str, Any]:
    return {
        "id": match.id,
        "title": titles[match.id],
        "score": match.score,
        "terms": match.terms,
        "soft": match.soft,
        "uncovered": match.uncovered,
    }
