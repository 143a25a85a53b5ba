"""Choose, issue, look up and download certificates; deposit hashes."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import FileResponse, HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.generics import ListAPIView
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework.viewsets import GenericViewSet

from marketplace.common.actor import Actor, actor_of
from marketplace.common.pagination import Keyset
from marketplace.evidence import selectors
from marketplace.evidence.api import serializers as shapes
from marketplace.evidence.downloads import attached, kept_file
from marketplace.evidence.models import Certificate, Deposit, Timestamp
from marketplace.evidence.services import certifying, depositing, packing
from marketplace.workflow.api import PROBLEMS

NUMBER = OpenApiParameter(
    "number",
    {"type": "string", "pattern": "^[-a-zA-Z0-9_]+$"},
    OpenApiParameter.PATH,
    description="However it is typed: JQ-7K3M-9QXT-02FD-HV6C, jq7k3m…",
)
KIND = OpenApiParameter("kind", str, OpenApiParameter.PATH, enum=["agreement", "deposit"])


class EvidenceView(APIView):
    """What of an object can be certified, and certificates of it."""

    permission_classes = (IsAuthenticated,)

    @extend_schema(operation_id="evidence_offer", parameters=[KIND], responses={200: shapes.OfferShape, **PROBLEMS})
    def get(self, request: Request, kind: str, object_id: UUID) -> Response:
        """The object's proven entries and the fields that can be disclosed."""
        offered = certifying.offer(actor=actor_of(request), kind=kind, object_id=object_id)
        return Response(shapes.OfferShape(offered).data)

    @extend_schema(
        operation_id="certificate_issue",
        parameters=[KIND],
        request=shapes.CertificateInput,
        responses={201: shapes.CertificateShape, **PROBLEMS},
    )
    def post(self, request: Request, kind: str, object_id: UUID) -> Response:
        """Issue a certificate that discloses the chosen fields, all where none are named."""
        actor = actor_of(request)
        body = shapes.CertificateInput(data=request.data)
        body.is_valid(raise_exception=True)
        given = body.validated_data
        made = certifying.issue(
            actor=actor,
            kind=kind,
            object_id=object_id,
            fields=given.get("disclose"),
            particulars=given["particulars"],
            documents=given["documents"],
        )
        return Response(_shown(made, actor), status=status.HTTP_201_CREATED)


class CertificateView(APIView):
    """One certificate, by its number."""

    permission_classes = (AllowAny,)

    @extend_schema(operation_id="certificate", parameters=[NUMBER], responses={200: shapes.CertificateShape, **PROBLEMS})
    def get(self, request: Request, number: str) -> Response:
        """When it was issued and which entries it covers."""
        return Response(_shown(selectors.certificate(number), actor_of(request)))


class CertificateZipView(APIView):
    """The evidence file."""

    permission_classes = (IsAuthenticated,)

    @extend_schema(
        operation_id="certificate_zip", parameters=[NUMBER], responses={(200, "application/zip"): OpenApiTypes.BINARY, **PROBLEMS}
    )
    def get(self, request: Request, number: str) -> HttpResponse:
        """The ZIP that `ledger/verify.py certificate` checks offline, for the side that asked for the certificate."""
        found = selectors.certificate(number)
        return attached(packing.packed(actor=actor_of(request), certificate=found), "application/zip", f"{found.number}.zip")


class CertificatePdfView(APIView):
    """The certificate on paper."""

    permission_classes = (IsAuthenticated,)

    @extend_schema(
        operation_id="certificate_pdf", parameters=[NUMBER], responses={(200, "application/pdf"): OpenApiTypes.BINARY, **PROBLEMS}
    )
    def get(self, request: Request, number: str) -> HttpResponse:
        """The PDF in both languages, for the side that asked for the certificate."""
        found = selectors.certificate(number)
        return attached(packing.printed(actor=actor_of(request), certificate=found), "application/pdf", f"{found.number}.pdf")


class DepositViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, GenericViewSet[Deposit]):
    """Hashes that the caller's organisation deposited, or the caller in their own name; nobody else sees them."""

    queryset = Deposit.objects.none()
    permission_classes = (IsAuthenticated,)
    filter_backends = ()
    lookup_value_regex = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"

    def get_queryset(self) -> QuerySet[Deposit]:
        wanted = self.request.query_params.get("sha256", "") if self.action == "list" else ""
        return selectors.deposits_for(actor_of(self.request), sha256=wanted)

    def get_serializer_class(self) -> type[serializers.BaseSerializer[Any]]:
        return shapes.DepositRowSerializer if self.action == "list" else shapes.DepositSerializer

    @extend_schema(parameters=[OpenApiParameter("sha256", str, description="Only deposits of this hash.")])
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Newest first."""
        return super().list(request, *args, **kwargs)

    @extend_schema(
        request={"application/json": shapes.DepositInput, "multipart/form-data": shapes.DepositInput},
        responses={201: shapes.DepositSerializer, **PROBLEMS},
    )
    def create(self, request: Request) -> Response:
        """Deposit a hash, or a file that is hashed and forgotten; `earlier` names the same owner's deposits of the same hash."""
        actor = actor_of(request)
        depositing.require_depositor(actor)
        body = shapes.DepositInput(data=request.data)
        body.is_valid(raise_exception=True)
        made = depositing.deposit_make(actor=actor, **depositing.given(body.validated_data))
        return Response(shapes.DepositSerializer(made).data, status=status.HTTP_201_CREATED)

    @extend_schema(responses={(200, "application/octet-stream"): OpenApiTypes.BINARY, **PROBLEMS})
    @action(detail=True, methods=["get"])
    def file(self, request: Request, pk: str) -> FileResponse:
        """The file itself, where it was kept."""
        return kept_file(self.get_object())


class BySize(Keyset):
    """The newest checkpoint first."""

    ordering = ("-size",)


class TimestampsView(ListAPIView[Timestamp]):
    """Checkpoints with an outside authority's time-stamp (RFC 3161), where this deployment has one."""

    queryset = Timestamp.objects.none()
    permission_classes = (AllowAny,)
    serializer_class = shapes.TimestampSerializer
    pagination_class = BySize
    filter_backends = ()

    def get_queryset(self) -> QuerySet[Timestamp]:
        return selectors.timestamps()


def _shown(found: Certificate, actor: Actor) -> Any:
    base = f"/api/v1/certificates/{found.number}/" if selectors.asked_by(actor, found) else None
    values = {
        "number": found.number,
        "kind": found.kind,
        "issued_at": found.issued_at,
        "log_size": found.log_size,
        "entries": [{"seq": row.seq, "leaf_hash": row.leaf_hash} for row in certifying.covered(found)],
        "zip": f"{base}zip/" if base else None,
        "pdf": f"{base}pdf/" if base else None,
    }
    return shapes.CertificateShape(values).data
