"""Demands, questions and bids over HTTP."""

from typing import Any, ClassVar
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action as route
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from marketplace.catalogue.models import Team
from marketplace.common import clock
from marketplace.common.actor import actor_of, signed_in
from marketplace.common.errors import NotFound
from marketplace.common.narrowing import narrowed, one_of
from marketplace.common.pagination import page_of
from marketplace.demands import selectors
from marketplace.demands.api import serializers as shapes
from marketplace.demands.models import Bid, Demand, Question
from marketplace.demands.permissions import require_company
from marketplace.demands.services import asking, bidding, corpora, drafting, ranking, suggesting
from marketplace.demands.workflow import BID, DEMAND, BidState, DemandState
from marketplace.workflow.api import PROBLEMS, ActionsMixin, NoteInput, ReasonInput, documented_actions

FILTERS = [
    OpenApiParameter("q", str, description="Words in either language."),
    OpenApiParameter("state", str, enum=DemandState.values),
    OpenApiParameter("mode", str, enum=["claim", "challenge"]),
    OpenApiParameter("region_code", str, description="GB/T 2260 code or its first digits."),
    OpenApiParameter("industry_code", str, description="GB/T 4754-2017 division."),
    OpenApiParameter("mine", bool, description="Only the caller's organisation's."),
]


@documented_actions
@extend_schema_view(
    list=extend_schema(parameters=FILTERS),
    retrieve=extend_schema(responses={200: shapes.DemandSerializer, **PROBLEMS}),
)
class DemandViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ActionsMixin):
    """Demands: what companies need."""

    machine = DEMAND
    queryset = Demand.objects.none()
    serializer_class = shapes.DemandSerializer
    permission_classes = (AllowAny,)
    action_inputs: ClassVar = {
        "approve": NoteInput,
        "request_changes": ReasonInput,
        "reject": ReasonInput,
        "withdraw": ReasonInput,
        "amend": shapes.DemandInput,
        "claim": shapes.ClaimInput,
        "select": shapes.SelectInput,
        "no_award": shapes.NoAwardInput,
        "uphold_objection": ReasonInput,
    }

    def get_queryset(self) -> QuerySet[Demand]:
        actor = actor_of(self.request)
        rows = selectors.demands_for(actor)
        if self.action != "list":
            return rows
        asked = self.request.query_params
        return selectors.filtered(
            rows,
            q=asked.get("q", "")[:200],
            state=asked.get("state", ""),
            mode=asked.get("mode", ""),
            region_code=asked.get("region_code", ""),
            industry_code=asked.get("industry_code", ""),
            mine=actor.organisation_id if asked.get("mine") in ("1", "true") else None,
        )

    def get_serializer_class(self) -> type[serializers.BaseSerializer[Any]]:
        return shapes.DemandListSerializer if self.action == "list" else shapes.DemandSerializer

    @extend_schema(request=shapes.DemandInput, responses={201: shapes.DemandSerializer, **PROBLEMS})
    def create(self, request: Request) -> Response:
        """Begin a draft."""
        actor = signed_in(request)
        given = self.validated(shapes.DemandInput, request)
        demand = drafting.demand_create(actor=actor, region_code=given["region_code"], fields=given)
        return Response(self.get_serializer(demand).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=shapes.SimilarInput, responses={200: shapes.SimilarSerializer, **PROBLEMS})
    @route(detail=False, methods=["post"], filter_backends=[], pagination_class=None)
    def similar(self, request: Request) -> Response:
        """Demands that say nearly the same as a text, and achievements that answer it, before anything is posted."""
        actor = require_company(signed_in(request))
        given = self.validated(shapes.SimilarInput, request)
        draft = suggesting.Draft(**given)
        with clock.one_moment():
            found = suggesting.already_there(draft, actor=actor)
            things = ranking.things_of("achievement", [match.id for match in found])
            near = suggesting.near_duplicates(draft, actor=actor)
        rows = [
            {"id": match.id, "title": corpora.title_of(things[match.id]), "score": match.score} for match in found if match.id in things
        ]
        return Response(shapes.SimilarSerializer({"demands": near, "achievements": rows}).data)

    @extend_schema(request=shapes.DemandInput, responses={200: shapes.DemandSerializer, **PROBLEMS})
    def partial_update(self, request: Request, pk: str) -> Response:
        """Complete or correct a draft, or what a reviewer sent back."""
        actor = signed_in(request)
        given = self.validated(shapes.DemandInput, request, partial=True)
        demand = drafting.demand_edit(demand=self.get_object(), actor=actor, fields=given)
        return Response(self.get_serializer(demand).data)

    def action_data(self, request: Request, move: str) -> dict[str, Any]:
        if move == "amend":
            return {"fields": self.validated(shapes.DemandInput, request, partial=True)}
        data = super().action_data(request, move)
        if move == "claim":
            data["team"] = team_of(data["team"])
        if "refusals" in data:
            data["refusals"] = {str(row["bid"]): row for row in data["refusals"]}
        return data

    def validated(self, shape: type[Any], request: Request, *, partial: bool = False) -> dict[str, Any]:
        """The checked body of a write."""
        serializer = shape(data=request.data, partial=partial, context=self.get_serializer_context())
        serializer.is_valid(raise_exception=True)
        return dict(serializer.validated_data)

    @extend_schema(methods=["GET"], responses={200: shapes.QuestionSerializer(many=True), **PROBLEMS})
    @extend_schema(methods=["POST"], request=shapes.QuestionInput, responses={201: shapes.QuestionSerializer, **PROBLEMS})
    @route(detail=True, methods=["get", "post"], filter_backends=[])
    def questions(self, request: Request, pk: str) -> Response:
        """Questions on a demand, newest first; POST asks one."""
        demand = self.get_object()
        if request.method == "GET":
            return page_of(self, demand.questions.all(), shapes.QuestionSerializer)
        actor = signed_in(request)
        given = self.validated(shapes.QuestionInput, request)
        text = given.pop("text")
        about = selectors.supply_for(actor, given) if given else None
        question = asking.question_ask(demand=demand, actor=actor, text=text, about=about)
        return Response(shapes.QuestionSerializer(question).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=shapes.AnswerInput, responses={200: shapes.QuestionSerializer, **PROBLEMS})
    @route(detail=True, methods=["post"], url_path="questions/(?P<question>[0-9a-f-]{36})/answer")
    def answer(self, request: Request, pk: str, question: str) -> Response:
        """Answer a question on one's own demand."""
        actor = signed_in(request)
        row = Question.objects.select_related("demand").filter(pk=question, demand=self.get_object()).first()
        if row is None:
            raise NotFound
        given = self.validated(shapes.AnswerInput, request)
        answered = asking.question_answer(question=row, actor=actor, answer=given["answer"])
        return Response(shapes.QuestionSerializer(answered).data)


@documented_actions
class BidViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ActionsMixin):
    """Bids: sealed until the deadline, and told why when they are not selected."""

    machine = BID
    queryset = Bid.objects.none()
    serializer_class = shapes.BidSerializer
    permission_classes = (IsAuthenticated,)
    action_inputs: ClassVar = {
        "replace": shapes.OfferInput,
        "withdraw_late": ReasonInput,
        "disqualify": ReasonInput,
    }

    def get_queryset(self) -> QuerySet[Bid]:
        rows = selectors.bids_for(actor_of(self.request))
        demand = self.request.query_params.get("demand", "")
        if self.action == "list" and demand:
            rows = rows.filter(demand_id=_uuid(demand))
        return narrowed(self, rows, "state")

    @extend_schema(parameters=[OpenApiParameter("demand", str), one_of("state", BidState.values)])
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The caller's bids, and opened bids on the caller's demands."""
        return super().list(request, *args, **kwargs)

    @extend_schema(request=shapes.BidInput, responses={201: shapes.BidReceiptSerializer, **PROBLEMS})
    def create(self, request: Request) -> Response:
        """Seal and submit a bid; keep the salt of the answer, it is shown this once."""
        actor = signed_in(request)
        serializer = shapes.BidInput(data=request.data)
        serializer.is_valid(raise_exception=True)
        offer = dict(serializer.validated_data)
        demand = selectors.demand_for(actor, offer.pop("demand"))
        bid, sealed = bidding.bid_submit(demand=demand, team=team_of(offer.pop("team")), actor=actor, offer=offer)
        shown = shapes.BidSerializer(bid, context=self.get_serializer_context()).data
        return Response({**shown, "salt": sealed.salt}, status=status.HTTP_201_CREATED)

    def action_data(self, request: Request, move: str) -> dict[str, Any]:
        data = super().action_data(request, move)
        return {"offer": data} if move == "replace" else data


def team_of(team_id: UUID) -> Team:
    """A team by id; whether it fits is the rule's to say."""
    team = Team.objects.filter(pk=team_id).first()
    if team is None:
        raise NotFound
    return team


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFound from None
