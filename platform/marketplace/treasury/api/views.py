"""Wallets for their organisations, bank statements for the platform's finance officers."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any, ClassVar
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.generics import ListAPIView
from rest_framework.parsers import JSONParser, MultiPartParser
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer
from rest_framework.views import APIView
from rest_framework.viewsets import GenericViewSet

from marketplace.common.actor import actor_of
from marketplace.common.errors import NotFound
from marketplace.common.narrowing import narrowed, one_of
from marketplace.common.pagination import Keyset
from marketplace.treasury import debt_reads, permissions, selectors
from marketplace.treasury.api import serializers as shapes
from marketplace.treasury.models import Account, BankStatement, LineDecision, Transfer
from marketplace.treasury.services import accounts, decisions, statements, topups
from marketplace.treasury.services.statement_lines import refuse_too_large
from marketplace.treasury.workflow import LINE_DECISION, LineDecisionState
from marketplace.workflow.api import IDEMPOTENCY_KEY, PROBLEMS, ActionsMixin, ReasonInput, documented_actions, idempotent

UUID_PATH = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
PAGES = [OpenApiParameter("cursor", str), OpenApiParameter("page_size", int)]


class WalletView(APIView):
    """The balance of the caller's organisation."""

    permission_classes = (AllowAny,)

    @extend_schema(operation_id="wallet", responses={200: shapes.BalanceSerializer, **PROBLEMS})
    def get(self, request: Request) -> Response:
        organisation_id = permissions.whose_wallet(actor_of(request))
        balance = asdict(selectors.balance(accounts.wallet(organisation_id)))
        return Response(shapes.BalanceSerializer({**balance, "debt_fen": debt_reads.debt_of(organisation_id)}).data)


class WalletStatementView(ListAPIView[Transfer]):
    """Every movement of the caller's organisation's wallet, newest first."""

    permission_classes = (AllowAny,)
    queryset = Transfer.objects.none()
    serializer_class = shapes.MovementSerializer
    filter_backends = ()

    @extend_schema(operation_id="wallet_statement", responses={200: shapes.MovementSerializer(many=True), **PROBLEMS})
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        wallet = accounts.wallet(permissions.whose_wallet(actor_of(request)))
        page = self.paginate_queryset(selectors.transfers_of(wallet)) or []
        rows = [selectors.Movement.seen_from(wallet, transfer) for transfer in page]
        return self.get_paginated_response(shapes.MovementSerializer(rows, many=True).data)


class DebtView(ListAPIView[Account]):
    """What organisations owe because the bank took money back; for everybody but finance officers and auditors nothing is there."""

    permission_classes = (AllowAny,)
    queryset = Account.objects.none()
    serializer_class = shapes.DebtSerializer
    filter_backends = ()

    @extend_schema(operation_id="debts", responses={200: shapes.DebtSerializer(many=True), **PROBLEMS})
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        permissions.require_reader_of_statements(actor_of(request))
        page = self.paginate_queryset(debt_reads.debts())
        return self.get_paginated_response(shapes.DebtSerializer(page, many=True).data)


class TopUpReferenceView(APIView):
    """The standing reference by which the organisation's bank transfers find its wallet."""

    permission_classes = (AllowAny,)

    @extend_schema(
        operation_id="top_up_reference",
        request=None,
        responses={200: shapes.TopUpReferenceSerializer, 201: shapes.TopUpReferenceSerializer, **PROBLEMS},
    )
    def post(self, request: Request) -> Response:
        reference, made = topups.issue_reference(actor=actor_of(request))
        return Response(shapes.TopUpReferenceSerializer(reference).data, status=status.HTTP_201_CREATED if made else status.HTTP_200_OK)


class ByLine(Keyset):
    """In the file's order."""

    ordering = ("number",)


class BankStatementViewSet(GenericViewSet[BankStatement]):
    """Imported statements; for everybody but finance officers and auditors there are none."""

    permission_classes = (AllowAny,)
    parser_classes = (MultiPartParser, JSONParser)
    queryset = BankStatement.objects.none()
    serializer_class = shapes.BankStatementSerializer
    filter_backends = ()
    lookup_value_regex = UUID_PATH

    @extend_schema(operation_id="bank_statements", responses={200: shapes.BankStatementSerializer(many=True), **PROBLEMS})
    def list(self, request: Request) -> Response:
        permissions.require_reader_of_statements(actor_of(request))
        page = self.paginate_queryset(selectors.statements())
        return self.get_paginated_response(shapes.BankStatementSerializer(page, many=True).data)

    @extend_schema(
        operation_id="bank_statement_import",
        parameters=[IDEMPOTENCY_KEY],
        request={"multipart/form-data": shapes.StatementUpload},
        responses={200: shapes.BankStatementSerializer, 201: shapes.BankStatementSerializer, **PROBLEMS},
    )
    def create(self, request: Request) -> Response:
        """Import a statement: 201 when it is new, 200 when this file was imported before."""
        actor = actor_of(request)
        permissions.require_finance_officer(actor)
        upload = _valid(shapes.StatementUpload(data=request.data))["file"]
        refuse_too_large(upload.size)

        def run() -> tuple[int, Any]:
            statement, new = statements.import_statement(actor=actor, content=upload.read(), name=upload.name)
            return (201 if new else 200), shapes.BankStatementSerializer(selectors.statement(statement.pk)).data

        return idempotent(request, actor, run)

    @extend_schema(operation_id="bank_statement", parameters=PAGES, responses={200: shapes.BankStatementDetailSerializer, **PROBLEMS})
    def retrieve(self, request: Request, pk: str) -> Response:
        permissions.require_reader_of_statements(actor_of(request))
        statement = selectors.statement(UUID(pk))
        body = shapes.BankStatementSerializer(statement).data
        found = selectors.reconciled(statement)
        body["reconciliation"] = None if found is None else shapes.ReconciliationSerializer(found).data
        pages = ByLine()
        lines = pages.paginate_queryset(statement.lines.all(), request, view=self)
        body["lines"] = pages.get_paginated_response(shapes.StatementLineSerializer(lines, many=True).data).data
        return Response(body)

    @extend_schema(
        operation_id="bank_statement_line_assign",
        parameters=[IDEMPOTENCY_KEY, OpenApiParameter("line_id", UUID, OpenApiParameter.PATH)],
        request=shapes.AssignInput,
        responses={201: shapes.LineDecisionSerializer, **PROBLEMS},
    )
    @action(detail=True, methods=["post"], url_path=f"lines/(?P<line_id>{UUID_PATH})/assign")
    def assign(self, request: Request, pk: str, line_id: str) -> Response:
        """Propose whose a waiting line in is, or that it goes back; nothing is booked before a second officer agrees."""
        return self._proposed(request, pk, line_id, shapes.AssignInput, decisions.propose)

    @extend_schema(
        operation_id="bank_statement_line_explain",
        parameters=[IDEMPOTENCY_KEY, OpenApiParameter("line_id", UUID, OpenApiParameter.PATH)],
        request=shapes.ExplainInput,
        responses={201: shapes.LineDecisionSerializer, **PROBLEMS},
    )
    @action(detail=True, methods=["post"], url_path=f"lines/(?P<line_id>{UUID_PATH})/explain")
    def explain(self, request: Request, pk: str, line_id: str) -> Response:
        """Propose which top-up a waiting line out took back, or that it is the bank's charge; booked once a second officer agrees."""
        return self._proposed(request, pk, line_id, shapes.ExplainInput, decisions.propose_outgoing)

    def _proposed(
        self, request: Request, pk: str, line_id: str, shape: type[BaseSerializer[Any]], propose: Callable[..., LineDecision]
    ) -> Response:
        """What an officer proposes for a line of this statement, in the words of the shape."""
        actor = actor_of(request)
        permissions.require_finance_officer(actor)
        if not selectors.statement(UUID(pk)).lines.filter(pk=line_id).exists():
            raise NotFound
        said = _valid(shape(data=request.data))

        def run() -> tuple[int, Any]:
            made = propose(actor=actor, line_id=UUID(line_id), **said)
            return 201, shapes.LineDecisionSerializer(made, context={"request": request}).data

        return idempotent(request, actor, run)

    @extend_schema(operation_id="bank_statement_lines_waiting", responses={200: shapes.StatementLineSerializer(many=True), **PROBLEMS})
    @action(detail=False, methods=["get"], url_path="waiting-lines")
    def waiting_lines(self, request: Request) -> Response:
        """Every line that nobody has matched yet, newest first."""
        permissions.require_reader_of_statements(actor_of(request))
        page = self.paginate_queryset(selectors.waiting_lines())  # type: ignore[arg-type]  # lines, not statements
        return self.get_paginated_response(shapes.StatementLineSerializer(page, many=True).data)  # type: ignore[arg-type]


@documented_actions
@extend_schema_view(
    list=extend_schema(parameters=[one_of("state", LineDecisionState.values)]),
    retrieve=extend_schema(responses={200: shapes.LineDecisionSerializer, **PROBLEMS}),
)
class LineDecisionViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ActionsMixin):
    """Decisions about lines that nobody recognised; for everybody but finance officers and auditors there are none."""

    permission_classes = (IsAuthenticated,)
    machine = LINE_DECISION
    queryset = LineDecision.objects.none()
    serializer_class = shapes.LineDecisionSerializer
    filter_backends = ()
    action_inputs: ClassVar = {
        "refuse": ReasonInput,
        "report_refusal": ReasonInput,
        "ask_call_off": shapes.CallOffInput,
        "call_off": shapes.CallOffInput,
    }

    def get_queryset(self) -> QuerySet[LineDecision]:
        permissions.require_reader_of_statements(actor_of(self.request))
        return narrowed(self, selectors.decisions(), "state")


def _valid(serializer: BaseSerializer[Any]) -> dict[str, Any]:
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)
