"""Imports over HTTP: send a file, watch it go in, read what was wrong with it."""

import csv
import io
import json
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.permissions import IsAuthenticated
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from marketplace.catalogue import selectors
from marketplace.catalogue.api import serializers as shapes
from marketplace.catalogue.models import ImportPhase, ImportRun
from marketplace.catalogue.services.uploading import upload
from marketplace.common.actor import actor_of
from marketplace.common.narrowing import narrowed, one_of
from marketplace.workflow.api import PROBLEMS

KIND = OpenApiParameter("kind", str, description="achievements or demands")
HEADINGS = ("line", "field", "reason_zh", "reason_en")
# What a spreadsheet would take for the beginning of a formula.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


class CsvRenderer(BaseRenderer):
    """Text that is CSV already; refusals stay JSON."""

    media_type = "text/csv"
    format = "csv"

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None) -> bytes:
        return data.encode() if isinstance(data, str) else json.dumps(data, ensure_ascii=False).encode()


def inert(cell: object) -> str:
    """A cell that no spreadsheet runs: what looks like a formula gets an apostrophe."""
    text = str(cell)
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


@extend_schema_view(list=extend_schema(parameters=[one_of("phase", ImportPhase.values), KIND]))
class ImportViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, GenericViewSet[ImportRun]):
    """The files of the organisation that the caller acts for."""

    queryset = ImportRun.objects.none()
    permission_classes = (IsAuthenticated,)
    filter_backends = ()
    lookup_value_regex = "[0-9a-f-]{36}"
    parser_classes = (MultiPartParser,)

    def get_queryset(self) -> QuerySet[ImportRun]:
        return narrowed(self, selectors.imports_for(actor_of(self.request)), "phase", "kind")

    def get_serializer_class(self) -> type[serializers.BaseSerializer[Any]]:
        return shapes.ImportRunSerializer if self.action == "list" else shapes.ImportRunDetailSerializer

    @extend_schema(request={"multipart/form-data": shapes.ImportInput}, responses={202: shapes.ImportRunDetailSerializer, **PROBLEMS})
    def create(self, request: Request) -> Response:
        """Send a file; a worker brings its rows in. The same file sent again changes nothing."""
        body = shapes.ImportInput(data=request.data)
        body.is_valid(raise_exception=True)
        file = body.validated_data["file"]
        run = upload(
            actor=actor_of(request),
            kind=body.validated_data["kind"],
            name=file.name,
            stream=file,
            content_type=file.content_type or "",
        )
        return Response(self.get_serializer(run).data, status=status.HTTP_202_ACCEPTED)

    @extend_schema(responses={(200, "text/csv"): OpenApiTypes.STR, **PROBLEMS})
    @action(detail=True, methods=["get"], renderer_classes=[CsvRenderer, JSONRenderer], pagination_class=None)
    def errors(self, request: Request, pk: str) -> Response:
        """The faults that are kept, as CSV that a spreadsheet can open safely."""
        run = self.get_object()
        text = io.StringIO()
        text.write("\ufeff")
        table = csv.writer(text)
        table.writerow(HEADINGS)
        table.writerows([inert(cell) for cell in fault] for fault in selectors.faults_of(run).values_list(*HEADINGS))
        name = f'attachment; filename="import-{run.pk}-errors.csv"'
        return Response(text.getvalue(), content_type="text/csv; charset=utf-8", headers={"Content-Disposition": name})
