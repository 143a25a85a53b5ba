"""Later revenue over HTTP: report, audit, pay in, divide."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import FileResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import mixins, status
from rest_framework.decorators import action as route
from rest_framework.request import Request
from rest_framework.response import Response

from marketplace.agreements import selectors
from marketplace.agreements.api import revenue_shapes as shapes
from marketplace.agreements.api.views import ByAction, keep
from marketplace.agreements.models import RevenueReport
from marketplace.agreements.permissions import READING_STAFF, may_read_body
from marketplace.agreements.services import auditing, reporting
from marketplace.agreements.workflow import REVENUE, RevenueState
from marketplace.common import files
from marketplace.common.actor import actor_of, signed_in
from marketplace.common.errors import NotFound
from marketplace.common.narrowing import narrowed, one_of
from marketplace.funding.selectors import pledges_for
from marketplace.workflow.api import PROBLEMS, ReasonInput, documented_actions


@documented_actions
@extend_schema_view(list=extend_schema(parameters=[one_of("state", RevenueState.values)]))
class RevenueViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ByAction):
    """Later revenue and its distribution."""

    machine = REVENUE
    queryset = RevenueReport.objects.none()
    serializer_class = shapes.RevenueSerializer
    row_class = shapes.RevenueRowSerializer
    action_inputs: ClassVar = {
        "ask": shapes.RevenueAskInput,
        "answer": shapes.RevenueAnswerInput,
        "contest": ReasonInput,
        "withdraw": ReasonInput,
    }

    def get_queryset(self) -> QuerySet[RevenueReport]:
        return narrowed(self, selectors.revenue_for(actor_of(self.request)), "state")

    @extend_schema(request=shapes.RevenueInput, responses={201: shapes.RevenueSerializer, **PROBLEMS})
    def create(self, request: Request) -> Response:
        """Report a period's revenue with its evidence."""
        actor = signed_in(self.request)
        given = self.validated(shapes.RevenueInput, request)
        agreement, upload = selectors.agreement_for(actor, given.pop("agreement")), given.pop("evidence")
        report = reporting.revenue_report(
            agreement=agreement, actor=actor, evidence=lambda: keep(actor, upload, "revenue_evidence"), **given
        )
        return Response(self.get_serializer(report).data, status=status.HTTP_201_CREATED)

    def performed(self, move: str, changed: Any) -> Any:
        return auditing.conclude_if_all_agree(changed) if move in auditing.MAY_END_IT else changed

    @extend_schema(responses={(200, "application/octet-stream"): OpenApiTypes.BINARY, **PROBLEMS})
    @route(detail=True, methods=["get"])
    def evidence(self, request: Request, pk: str) -> FileResponse:
        """Download the evidence, as a party."""
        report = self.get_object()
        if not may_read_body(actor_of(request), report.agreement):
            raise NotFound
        return FileResponse(
            files.open_file(report.evidence), as_attachment=True, filename=report.evidence.name, content_type="application/octet-stream"
        )

    @extend_schema(responses={200: shapes.RevenueStandingSerializer, **PROBLEMS})
    @route(detail=True, methods=["get"])
    def standing(self, request: Request, pk: str) -> Response:
        """How the tiers of the report's agreement stand after everything distributed so far."""
        actor, agreement = actor_of(request), self.get_object().agreement
        own = pledges_for(actor).filter(campaign=agreement.campaign).values_list("pk", flat=True)
        return Response(shapes.standing_told(agreement, None if actor.staff in READING_STAFF else set(own)))
