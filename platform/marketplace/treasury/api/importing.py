"""Statements looked at before they are booked, and the mappings by which banks' files are read, over HTTP."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.pagination import CursorPagination
from rest_framework.parsers import JSONParser, MultiPartParser
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from marketplace.common.actor import actor_of
from marketplace.common.narrowing import narrowed, one_of
from marketplace.common.pagination import Keyset
from marketplace.treasury import importing_reads as reads
from marketplace.treasury import permissions
from marketplace.treasury.api.serializers import FaultSerializer
from marketplace.treasury.models import (
    DateFormat,
    Delimiter,
    Direction,
    Encoding,
    MappedField,
    StatementImport,
    StatementMapping,
    StatementPhase,
)
from marketplace.treasury.models.mappings import MOST_SKIPPED
from marketplace.treasury.services import importing
from marketplace.treasury.services.mappings import LONGEST, MOST_WORDS, mapping_keep
from marketplace.treasury.services.statement_lines import refuse_too_large
from marketplace.workflow.api import IDEMPOTENCY_KEY, PROBLEMS, idempotent

UUID_PATH = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"


class SampleLineSerializer(serializers.Serializer[Any]):
    """One line as it was read."""

    number = serializers.IntegerField()
    bank_line_id = serializers.CharField()
    booked_at = serializers.DateTimeField()
    direction = serializers.ChoiceField(choices=Direction.choices)
    fen = serializers.IntegerField()
    payer_name = serializers.CharField(allow_blank=True)
    payer_account = serializers.CharField(allow_blank=True)
    reference = serializers.CharField(allow_blank=True)


class StatementImportSerializer(serializers.ModelSerializer[StatementImport]):
    """A file: what it would bring and, once it is confirmed, how many of its lines are in."""

    phase_label = serializers.CharField(source="get_phase_display", read_only=True)

    class Meta:
        model = StatementImport
        fields: tuple[str, ...] = (
            "id", "name", "sha256", "mapping", "phase", "phase_label", "good", "known", "bad", "in_fen", "out_fen", "total", "handled",
            "statement", "created_at",
        )  # fmt: skip
        read_only_fields = fields


class StatementImportDetailSerializer(StatementImportSerializer):
    """The file with its first lines and faults."""

    sample = SampleLineSerializer(many=True, read_only=True)
    faults = FaultSerializer(many=True, read_only=True)

    class Meta(StatementImportSerializer.Meta):
        fields = (*StatementImportSerializer.Meta.fields, "sample", "faults")
        read_only_fields = fields


class StatementImportInput(serializers.Serializer[Any]):
    """The bank's file, and the mapping that it is read by: none for our own columns and for camt.053."""

    file = serializers.FileField(max_length=255)
    mapping = serializers.UUIDField(required=False, allow_null=True)


class StatementImportViewSet(GenericViewSet[StatementImport]):
    """Files that are looked at before they are booked; for everybody but finance officers and auditors there are none."""

    permission_classes = (AllowAny,)
    parser_classes = (MultiPartParser, JSONParser)
    queryset = StatementImport.objects.none()
    serializer_class = StatementImportSerializer
    filter_backends = ()
    lookup_value_regex = UUID_PATH

    @extend_schema(
        operation_id="statement_imports",
        parameters=[one_of("phase", StatementPhase.values)],
        responses={200: StatementImportSerializer(many=True), **PROBLEMS},
    )
    def list(self, request: Request) -> Response:
        permissions.require_reader_of_statements(actor_of(request))
        page = self.paginate_queryset(narrowed(self, reads.statement_imports(), "phase"))
        return self.get_paginated_response(StatementImportSerializer(page, many=True).data)

    @extend_schema(
        operation_id="statement_import_preview",
        parameters=[IDEMPOTENCY_KEY],
        request={"multipart/form-data": StatementImportInput},
        responses={201: StatementImportDetailSerializer, **PROBLEMS},
    )
    def create(self, request: Request) -> Response:
        """Read a file and show what it would bring; nothing is booked."""
        actor = actor_of(request)
        permissions.require_finance_officer(actor)
        asked = StatementImportInput(data=request.data)
        asked.is_valid(raise_exception=True)
        upload, mapping = asked.validated_data["file"], asked.validated_data.get("mapping")
        refuse_too_large(upload.size)

        def run() -> tuple[int, Any]:
            made = importing.preview(actor=actor, content=upload.read(), name=upload.name, mapping_id=mapping)
            return 201, StatementImportDetailSerializer(made).data

        return idempotent(request, actor, run)

    @extend_schema(operation_id="statement_import", responses={200: StatementImportDetailSerializer, **PROBLEMS})
    def retrieve(self, request: Request, pk: str) -> Response:
        """How far the file is: `handled` of `total` lines once it is confirmed."""
        permissions.require_reader_of_statements(actor_of(request))
        return Response(StatementImportDetailSerializer(reads.statement_import(pk)).data)

    @extend_schema(
        operation_id="statement_import_start",
        parameters=[IDEMPOTENCY_KEY],
        request=None,
        responses={200: StatementImportSerializer, **PROBLEMS},
    )
    @action(detail=True, methods=["post"])
    def start(self, request: Request, pk: str) -> Response:
        """Confirm the file, or go on with one that was stopped, behind what is booked: a worker books it."""
        actor = actor_of(request)
        permissions.require_finance_officer(actor)
        return idempotent(request, actor, lambda: (200, StatementImportSerializer(importing.start(actor=actor, import_id=UUID(pk))).data))

    @extend_schema(
        operation_id="statement_import_drop",
        parameters=[IDEMPOTENCY_KEY],
        request=None,
        responses={200: StatementImportSerializer, **PROBLEMS},
    )
    @action(detail=True, methods=["post"])
    def drop(self, request: Request, pk: str) -> Response:
        """Throw the file away: no line of it was taken."""
        actor = actor_of(request)
        permissions.require_finance_officer(actor)
        return idempotent(request, actor, lambda: (200, StatementImportSerializer(importing.drop(actor=actor, import_id=UUID(pk))).data))


class StatementMappingSerializer(serializers.ModelSerializer[StatementMapping]):
    """A mapping: `columns` names the heading of each field."""

    class Meta:
        model = StatementMapping
        fields = ("id", "name", "encoding", "delimiter", "skip_lines", "date_format", "columns", "words_in", "words_out", "kept_at")


class StatementMappingInput(serializers.Serializer[Any]):
    """How a bank writes its CSV; `bank_line_id`, `booked_at` and `amount_yuan` are needed."""

    name = serializers.CharField(max_length=60)
    encoding = serializers.ChoiceField(choices=Encoding.choices, default=Encoding.AUTO)
    delimiter = serializers.ChoiceField(choices=Delimiter.choices, default=Delimiter.COMMA)
    skip_lines = serializers.IntegerField(min_value=0, max_value=MOST_SKIPPED, default=0)
    date_format = serializers.ChoiceField(choices=DateFormat.choices, default=DateFormat.ISO)
    columns = serializers.DictField(
        child=serializers.CharField(max_length=LONGEST, allow_blank=True), help_text=f"Of {', '.join(MappedField.values)}."
    )
    words_in = serializers.ListField(child=serializers.CharField(max_length=LONGEST), default=list, max_length=MOST_WORDS)
    words_out = serializers.ListField(child=serializers.CharField(max_length=LONGEST), default=list, max_length=MOST_WORDS)


class ByName(Keyset):
    """By name."""

    ordering = ("name", "id")


class StatementMappingViewSet(GenericViewSet[StatementMapping]):
    """Mappings; for everybody but finance officers, auditors and administrators there are none."""

    permission_classes = (AllowAny,)
    queryset = StatementMapping.objects.none()
    serializer_class = StatementMappingSerializer
    filter_backends = ()
    lookup_value_regex = UUID_PATH
    pagination_class: type[CursorPagination] = ByName

    @extend_schema(operation_id="statement_mappings", responses={200: StatementMappingSerializer(many=True), **PROBLEMS})
    def list(self, request: Request) -> Response:
        permissions.require_reader_of_mappings(actor_of(request))
        page = self.paginate_queryset(reads.mappings())
        return self.get_paginated_response(StatementMappingSerializer(page, many=True).data)

    @extend_schema(operation_id="statement_mapping", responses={200: StatementMappingSerializer, **PROBLEMS})
    def retrieve(self, request: Request, pk: str) -> Response:
        permissions.require_reader_of_mappings(actor_of(request))
        return Response(StatementMappingSerializer(reads.mapping(pk)).data)

    @extend_schema(
        operation_id="statement_mapping_new",
        parameters=[IDEMPOTENCY_KEY],
        request=StatementMappingInput,
        responses={201: StatementMappingSerializer, **PROBLEMS},
    )
    def create(self, request: Request) -> Response:
        return self._keep(request, None)

    @extend_schema(
        operation_id="statement_mapping_keep",
        parameters=[IDEMPOTENCY_KEY],
        request=StatementMappingInput,
        responses={200: StatementMappingSerializer, **PROBLEMS},
    )
    def update(self, request: Request, pk: str) -> Response:
        """Write a mapping anew; a file that was looked at by its earlier form has to be sent again."""
        return self._keep(request, UUID(pk))

    def _keep(self, request: Request, id: UUID | None) -> Response:
        actor = actor_of(request)
        permissions.require_keeper_of_mappings(actor)
        asked = StatementMappingInput(data=request.data)
        asked.is_valid(raise_exception=True)

        def run() -> tuple[int, Any]:
            kept = mapping_keep(actor=actor, id=id, **asked.validated_data)
            return (201 if id is None else 200), StatementMappingSerializer(kept).data

        return idempotent(request, actor, run)
