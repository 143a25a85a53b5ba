"""Matches: ranked supply for a demand, ranked demands for supply; terms and soft terms sum to the score."""

from collections.abc import Sequence
from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from marketplace.catalogue import selectors as catalogue
from marketplace.catalogue.models import Achievement, Team
from marketplace.common.actor import Actor, actor_of
from marketplace.common.errors import BadRequest
from marketplace.common.text import bi
from marketplace.demands.models import Demand
from marketplace.demands.selectors import demand_for
from marketplace.demands.services import conditions, ranking
from marketplace.demands.services.highlighting import Layout, layout_of, placed
from marketplace.demands.services.indexing import CORPUS
from marketplace.workflow.api import PROBLEMS
from matching.app.services import Match

Thing = Demand | Achievement | Team

WITHOUT = OpenApiParameter(
    "without", str, many=True, enum=conditions.NAMES, description="Conditions that are not to be applied: budget, protection (ipr)."
)


class PlaceSerializer(serializers.Serializer[Any]):
    """Characters start to end (Unicode code points, the end not included) of a field, or of one item of a field that is a list."""

    field = serializers.CharField(help_text="As the object's own representation names it, such as title_zh.")
    item = serializers.IntegerField(allow_null=True)
    start = serializers.IntegerField()
    end = serializers.IntegerField()


class TermSerializer(serializers.Serializer[Any]):
    """A stretch of words; without places where the text was changed since it was indexed."""

    text = serializers.CharField()
    share = serializers.FloatField()
    field = serializers.CharField()
    places = PlaceSerializer(many=True)


class SoftSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    share = serializers.FloatField()


class MatchSerializer(serializers.Serializer[Any]):
    """One match: `terms` and `soft` sum to `score` (0 to 1), and so do `asked` and `soft`.

    `terms` stand in the text found, `asked` in the text of the one asked for. `uncovered` is what the demand asks and the supply does not
    mention, whichever of them was asked for, the weightiest first.
    """

    id = serializers.UUIDField()
    title = serializers.CharField()
    score = serializers.FloatField()
    terms = TermSerializer(many=True)
    asked = TermSerializer(many=True)
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


class UnmetInput(serializers.Serializer[Any]):
    """A demand, and how many of its matches are looked at."""

    demand = serializers.UUIDField()
    corpus = serializers.ChoiceField(choices=["achievement", "team"], default="achievement")
    without = serializers.MultipleChoiceField(choices=conditions.NAMES, default=set)
    k = serializers.IntegerField(min_value=1, max_value=50, default=ranking.TOP)


class UnmetSerializer(serializers.Serializer[Any]):
    """How many matches were looked at, and the words of the demand that none of them mentions."""

    matches = serializers.IntegerField()
    words = serializers.ListField(child=serializers.CharField())


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
        seeker, corpus, found = _ranked(actor_of(request), subjects[0], given)
        things = ranking.things_of(corpus, [match.id for match in found])
        ours = layout_of(seeker)
        rows = [_row(match, things[match.id], ours) for match in found if match.id in things]
        return Response(MatchSerializer(rows, many=True).data)


class UnmetView(APIView):
    """What a demand asks and nothing mentions."""

    permission_classes = (AllowAny,)

    @extend_schema(operation_id="matches_unmet", parameters=[UnmetInput, WITHOUT], responses={200: UnmetSerializer, **PROBLEMS})
    def get(self, request: Request) -> Response:
        """The words of a demand that none of its best matches mentions, the weightiest first."""
        asked = UnmetInput(data=request.query_params)
        asked.is_valid(raise_exception=True)
        given = dict(asked.validated_data)
        demand = demand_for(actor_of(request), given["demand"])
        found = ranking.supply_for_demand(demand, corpus=given["corpus"], without=given["without"], k=given["k"])
        return Response(UnmetSerializer({"matches": len(found), "words": ranking.unmet(found)}).data)


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


def _ranked(actor: Actor, subject: str, given: dict[str, Any]) -> tuple[Thing, str, Sequence[Match]]:
    k = given["k"]
    if subject == "demand":
        demand = demand_for(actor, given["demand"])
        asked = {name: given[name] for name in ("corpus", "region_code", "without")}
        return demand, given["corpus"], ranking.supply_for_demand(demand, **asked, k=k)
    if subject == "team":
        team = catalogue.found(catalogue.teams_for(actor), given["team"])
        return team, CORPUS, ranking.demands_for_team(team, k=k)
    achievement = catalogue.found(catalogue.achievements_for(actor), given["achievement"])
    return achievement, CORPUS, ranking.demands_for_achievement(achievement, without=given["without"], k=k)


def _row(match: Match, thing: Thing, ours: Layout) -> dict[str, Any]:
    return {
        "id": match.id,
        "title": ranking.title_of(thing),
        "score": match.score,
        "terms": placed(match.terms, layout_of(thing)),
        "asked": placed(match.asked, ours),
        "soft": match.soft,
        "uncovered": match.uncovered,
    }
