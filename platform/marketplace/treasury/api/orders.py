"""Payment orders over HTTP, for the platform's finance officers."""

from typing import Any
from uuid import UUID

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from marketplace.common.actor import actor_of
from marketplace.common.narrowing import narrowed, one_of
from marketplace.treasury import permissions, selectors
from marketplace.treasury.models import OrderForm, PaymentOrder
from marketplace.treasury.order_file import file_response
from marketplace.treasury.services import payment_orders
from marketplace.workflow.api import IDEMPOTENCY_KEY, PROBLEMS, idempotent

UUID_PATH = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"


class WaitingPaymentSerializer(serializers.Serializer[Any]):
    """One payment that may go into a file now."""

    id = serializers.UUIDField()
    kind = serializers.CharField()
    end_to_end_id = serializers.CharField()
    name = serializers.CharField()
    account = serializers.CharField()
    bank = serializers.CharField()
    fen = serializers.IntegerField()


class PaymentInstructionSerializer(serializers.Serializer[Any]):
    """One payment of a file as the bank was told, and the state of what it pays."""

    place = serializers.IntegerField()
    end_to_end_id = serializers.CharField()
    kind = serializers.CharField()
    object_id = serializers.UUIDField()
    name = serializers.CharField()
    account = serializers.CharField()
    bank = serializers.CharField(allow_blank=True)
    fen = serializers.IntegerField()
    state = serializers.CharField(allow_blank=True)


class PaymentOrderSerializer(serializers.ModelSerializer[PaymentOrder]):
    """One file for the bank; `sha256` is that of its bytes, as the ledger has it."""

    class Meta:
        model = PaymentOrder
        fields: tuple[str, ...] = ("id", "number", "form", "payments", "fen", "sha256", "created_at")


class PaymentOrderDetailSerializer(PaymentOrderSerializer):
    """The file with its payments."""

    instructions = PaymentInstructionSerializer(many=True, read_only=True)

    class Meta(PaymentOrderSerializer.Meta):
        fields = (*PaymentOrderSerializer.Meta.fields, "instructions")


class PaymentOrderInput(serializers.Serializer[Any]):
    """Which payments go into the file, and how the bank wants it."""

    form = serializers.ChoiceField(choices=OrderForm.choices)
    payments = serializers.ListField(child=serializers.UUIDField(), min_length=1, max_length=payment_orders.MOST_PAYMENTS)


class PaymentOrderViewSet(GenericViewSet[PaymentOrder]):
    """Payment files; for everybody but finance officers and auditors there are none."""

    permission_classes = (AllowAny,)
    queryset = PaymentOrder.objects.none()
    serializer_class = PaymentOrderSerializer
    filter_backends = ()
    lookup_value_regex = UUID_PATH

    @extend_schema(
        operation_id="payment_orders",
        parameters=[one_of("form", OrderForm.values)],
        responses={200: PaymentOrderSerializer(many=True), **PROBLEMS},
    )
    def list(self, request: Request) -> Response:
        permissions.require_reader_of_statements(actor_of(request))
        page = self.paginate_queryset(narrowed(self, selectors.payment_orders(), "form"))
        return self.get_paginated_response(PaymentOrderSerializer(page, many=True).data)

    @extend_schema(
        operation_id="payment_order_make",
        parameters=[IDEMPOTENCY_KEY],
        request=PaymentOrderInput,
        responses={201: PaymentOrderDetailSerializer, **PROBLEMS},
    )
    def create(self, request: Request) -> Response:
        """Send the chosen payments to the bank in one file, all of them or none."""
        actor = actor_of(request)
        permissions.require_finance_officer(actor)
        asked = PaymentOrderInput(data=request.data)
        asked.is_valid(raise_exception=True)

        def run() -> tuple[int, Any]:
            given = asked.validated_data
            order = payment_orders.make_order(actor=actor, form=OrderForm(given["form"]), payments=given["payments"])
            return 201, _shown(order)

        return idempotent(request, actor, run)

    @extend_schema(operation_id="payment_order", responses={200: PaymentOrderDetailSerializer, **PROBLEMS})
    def retrieve(self, request: Request, pk: str) -> Response:
        permissions.require_reader_of_statements(actor_of(request))
        return Response(_shown(selectors.payment_order(UUID(pk))))

    @extend_schema(
        operation_id="payment_order_file",
        responses={(200, "application/xml"): OpenApiTypes.BINARY, (200, "text/csv"): OpenApiTypes.BINARY, **PROBLEMS},
    )
    @action(detail=True, methods=["get"])
    def file(self, request: Request, pk: str) -> Any:
        """The file as it was made, byte for byte."""
        permissions.require_reader_of_statements(actor_of(request))
        return file_response(selectors.payment_order(UUID(pk)))

    @extend_schema(
        operation_id="payment_orders_waiting",
        responses={200: OpenApiResponse(WaitingPaymentSerializer(many=True)), **PROBLEMS},
        filters=False,
    )
    @action(detail=False, methods=["get"], pagination_class=None)
    def waiting(self, request: Request) -> Response:
        """Every payment that may go into a file now: 1,000 at most of each kind, the oldest first."""
        permissions.require_reader_of_statements(actor_of(request))
        return Response(WaitingPaymentSerializer(payment_orders.waiting(), many=True).data)


def _shown(order: PaymentOrder) -> dict[str, Any]:
    rows = [{**vars(row), "state": getattr(paid, "state", "")} for row, paid in payment_orders.fates(order)]
    return {**PaymentOrderSerializer(order).data, "instructions": PaymentInstructionSerializer(rows, many=True).data}
