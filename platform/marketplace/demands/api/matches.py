"""Matches: ranked supply for a demand, ranked demands for supply; terms and soft terms sum to the score."""

from collections.abc import Mapping, Sequence
from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from marketplace.catalogue import selectors as catalogue
from marketplace.common import clock
from marketplace.common.actor import Actor, actor_of
from marketplace.common.errors import BadRequest
from marketplace.common.shapes import Input
from marketplace.common.text import bi
from marketplace.demands.api.written import Rows, RowsRenderer, match_written
from marketplace.demands.models import Demand
from marketplace.demands.selectors import demand_for, supply_for
from marketplace.demands.services import conditions, judging, narrowing, ranking
from marketplace.demands.services.corpora import ACHIEVEMENT, SUPPLY, Thing, title_of
from marketplace.demands.services.highlighting import laid_out, layout_of
from marketplace.demands.services.indexing import CORPUS
from marketplace.demands.services.narrowing import Narrowing
from marketplace.workflow.api import PROBLEMS
from matching.app import services as matcher
from matching.app.services import NEUTRAL, Match

USUAL = "usual"
REGIONS = "GB/T 2260 codes or their first digits."
READINESS = "The least that an achievement has, the most that a demand wants; teams and experts have none."
ORDER = "Neutral: by the words alone with fixed weights; nothing learned, and region, industry and readiness add nothing."

WITHOUT = OpenApiParameter(
    "without",
    str,
    many=True,
    enum=conditions.NAMES,
    description="Conditions not to be applied: budget, protection (ipr) and its end (expiry), what the caller's organisation "
    "called not useful (declined).",
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
    mention, whichever of them was asked for, the weightiest first. `lifted` says that it has the place which is kept for a new or small
    institution; see docs/matching.md.
    """

    id = serializers.UUIDField()
    title = serializers.CharField()
    score = serializers.FloatField()
    terms = TermSerializer(many=True)
    asked = TermSerializer(many=True)
    soft = SoftSerializer(many=True)
    uncovered = serializers.ListField(child=serializers.CharField())
    lifted = serializers.BooleanField()


class NarrowingInput(Input):
    """What is asked of what is found; several codes mean any of them."""

    region_code = serializers.ListField(child=serializers.RegexField("^[0-9]{2,6}$"), required=False, help_text=REGIONS)
    industry_code = serializers.ListField(child=serializers.RegexField("^[0-9]{2}$"), required=False, help_text="GB/T 4754-2017 divisions.")
    readiness = serializers.IntegerField(min_value=1, max_value=9, required=False, help_text=READINESS)


def narrowing_of(given: Mapping[str, Any]) -> Narrowing:
    """The reader's own conditions, as the matches take them."""
    codes = {f"{name}s": tuple(given.get(name, ())) for name in ("region_code", "industry_code")}
    return Narrowing(**codes, readiness=given.get("readiness"))


class MatchesInput(NarrowingInput):
    """Exactly one of demand, team, expert and achievement."""

    demand = serializers.UUIDField(required=False)
    team = serializers.UUIDField(required=False)
    expert = serializers.UUIDField(required=False)
    achievement = serializers.UUIDField(required=False)
    corpus = serializers.ChoiceField(choices=SUPPLY, default=ACHIEVEMENT)
    without = serializers.MultipleChoiceField(choices=conditions.NAMES, default=set)
    order = serializers.ChoiceField(choices=[USUAL, NEUTRAL], default=USUAL, help_text=ORDER)
    k = serializers.IntegerField(min_value=1, max_value=50, default=ranking.TOP)


class UnmetInput(NarrowingInput):
    """A demand, and how many of its matches are looked at."""

    demand = serializers.UUIDField()
    corpus = serializers.ChoiceField(choices=SUPPLY, default=ACHIEVEMENT)
    without = serializers.MultipleChoiceField(choices=conditions.NAMES, default=set)
    k = serializers.IntegerField(min_value=1, max_value=50, default=ranking.TOP)


class UnmetSerializer(serializers.Serializer[Any]):
    """How many matches were looked at, and the words of the demand that none of them mentions."""

    matches = serializers.IntegerField()
    words = serializers.ListField(child=serializers.CharField())


class ConditionsInput(NarrowingInput):
    """Exactly one of demand, team, expert and achievement; with a demand, what is to be ranked for it."""

    demand = serializers.UUIDField(required=False)
    team = serializers.UUIDField(required=False)
    expert = serializers.UUIDField(required=False)
    achievement = serializers.UUIDField(required=False)
    corpus = serializers.ChoiceField(choices=SUPPLY, default=ACHIEVEMENT)
    without = serializers.MultipleChoiceField(choices=conditions.NAMES, default=set)


class ConditionSerializer(serializers.Serializer[Any]):
    """A condition that the one asked for or the caller states; `removed` counts the public things that it takes out, applied or not.

    Up to 1,000 are counted: where there are more, `removed` is 1,000 and `more` is true.
    """

    name = serializers.ChoiceField(choices=(*conditions.NAMES, *narrowing.NAMES))
    applied = serializers.BooleanField()
    removed = serializers.IntegerField()
    more = serializers.BooleanField()


class MatchesView(APIView):
    """The matcher over HTTP."""

    permission_classes = (AllowAny,)
    renderer_classes = (RowsRenderer,)

    @extend_schema(
        operation_id="matches_list",
        parameters=[MatchesInput, OpenApiParameter("corpus", str, enum=SUPPLY), WITHOUT],
        responses={200: MatchSerializer(many=True), **PROBLEMS},
    )
    def get(self, request: Request) -> Response:
        """Rank and explain."""
        asked = MatchesInput(data=request.query_params)
        asked.is_valid(raise_exception=True)
        actor, given = actor_of(request), dict(asked.validated_data)
        with clock.one_moment():
            seeker, corpus, found = _ranked(actor, given)
            things = ranking.texts_of(corpus, [match.id for match in found])
        ours = laid_out(layout_of(seeker))
        there = [(match, things[match.id]) for match in found if match.id in things]
        return Response(Rows(match_written(match, title_of(thing), laid_out(layout_of(thing)), ours) for match, thing in there))


class UnmetView(APIView):
    """What a demand asks and nothing mentions."""

    permission_classes = (AllowAny,)

    @extend_schema(operation_id="matches_unmet", parameters=[UnmetInput, WITHOUT], responses={200: UnmetSerializer, **PROBLEMS})
    def get(self, request: Request) -> Response:
        """The words of a demand that none of its best matches mentions, the weightiest first."""
        asked = UnmetInput(data=request.query_params)
        asked.is_valid(raise_exception=True)
        given = dict(asked.validated_data)
        actor = actor_of(request)
        asked_for = {name: given[name] for name in ("corpus", "without", "k")}
        asked_for |= {"narrowing": narrowing_of(given), "asker": actor.organisation_id}
        found = ranking.supply_for_demand(demand_for(actor, given["demand"]), **asked_for)
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
        seeker, without, corpus, asked_of = _seeker(actor, given), given["without"], given["corpus"], narrowing_of(given)
        if isinstance(seeker, Demand):
            declined = judging.declined_supply(actor.organisation_id, seeker, corpus=corpus)
            judged = conditions.on_supply(seeker, corpus=corpus, narrowing=asked_of, without=without, declined=declined)
        else:
            declined = judging.declined_demands(actor.organisation_id, seeker)
            judged = conditions.on_demands(seeker, narrowing=asked_of, without=without, declined=declined)
        return Response(ConditionSerializer(judged.stated, many=True).data)


def _seeker(actor: Actor, given: dict[str, Any]) -> Thing:
    """The one thing that is asked for, as far as the caller may see it."""
    subjects = [name for name in ("demand", *SUPPLY) if name in given]
    if len(subjects) != 1:
        text = bi("请给出 demand、team、expert、achievement 之一。", "Give exactly one of demand, team, expert and achievement.")
        raise BadRequest(text)
    if subjects == ["demand"]:
        return demand_for(actor, given["demand"])
    if subjects == ["expert"]:
        return catalogue.found(catalogue.experts_for(actor), given["expert"])
    return supply_for(actor, {subjects[0]: given[subjects[0]]})


def _ranked(actor: Actor, given: dict[str, Any]) -> tuple[Thing, str, Sequence[Match]]:
    seeker = _seeker(actor, given)
    order = matcher.NEUTRAL if given["order"] == NEUTRAL else matcher.LEARNED
    asked = {"without": given["without"], "asker": actor.organisation_id, "order": order, "k": given["k"]}
    asked |= {"narrowing": narrowing_of(given)}
    if isinstance(seeker, Demand):
        return seeker, given["corpus"], ranking.supply_for_demand(seeker, corpus=given["corpus"], **asked)
    return seeker, CORPUS, ranking.demands_for_supply(seeker, **asked)
