"""The table of names over HTTP: anybody reads it, an administrator changes it."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.parsers import MultiPartParser
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from marketplace.common.actor import actor_of
from marketplace.lexicon import selectors
from marketplace.lexicon.api import serializers as shapes
from marketplace.lexicon.services import changing
from marketplace.workflow.api import PROBLEMS


class TableView(APIView):
    """The whole table."""

    permission_classes = (AllowAny,)

    @extend_schema(operation_id="lexicon", parameters=[shapes.TableInput], responses={200: shapes.TableSerializer, **PROBLEMS})
    def get(self, request: Request) -> Response:
        """The table in force, or of a version, as matching uses it; `sha256` is that of its CSV, and stands on the ledger."""
        asked = _validated(shapes.TableInput(data=request.query_params))
        table = selectors.table_at(asked.get("version"))
        entries = selectors.entries_of(table, words=asked["q"])
        return Response(
            shapes.TableSerializer(
                {"version": table.number, "sha256": table.sha256, "number": len(table.concepts), "concepts": entries}
            ).data
        )


class VersionsView(APIView):
    """How the table came about."""

    permission_classes = (AllowAny,)

    @extend_schema(
        operation_id="lexicon_versions", parameters=[shapes.VersionsInput], responses={200: shapes.VersionSerializer(many=True), **PROBLEMS}
    )
    def get(self, request: Request) -> Response:
        """At most fifty versions, the latest first; version 1 is the table that came with the program."""
        asked = _validated(shapes.VersionsInput(data=request.query_params))
        return Response(shapes.VersionSerializer(selectors.history(before=asked.get("before")), many=True).data)


class ConceptsView(APIView):
    """Adding entries."""

    permission_classes = (IsAuthenticated,)

    @extend_schema(operation_id="lexicon_add", request=shapes.ConceptInput, responses={201: shapes.ConceptSerializer, **PROBLEMS})
    def post(self, request: Request) -> Response:
        """Add an entry; the next match uses it. For administrators of the whole platform."""
        actor = actor_of(request)
        changing.require_administrator(actor)
        made = changing.concept_add(actor=actor, **_validated(shapes.ConceptInput(data=request.data)))
        return Response(shapes.ConceptSerializer(selectors.entry(made)).data, status=status.HTTP_201_CREATED)


class ConceptView(APIView):
    """Changing an entry."""

    permission_classes = (IsAuthenticated,)

    @extend_schema(operation_id="lexicon_change", request=shapes.ConceptInput, responses={200: shapes.ConceptSerializer, **PROBLEMS})
    def put(self, request: Request, pk: UUID) -> Response:
        """Give an entry these names. Its id is made from the first Chinese name, so another one gives it another id."""
        actor = actor_of(request)
        changing.require_administrator(actor)
        made = changing.concept_change(actor=actor, concept_id=pk, **_validated(shapes.ConceptInput(data=request.data)))
        return Response(shapes.ConceptSerializer(selectors.entry(made)).data)


class WithdrawView(APIView):
    """Taking an entry out."""

    permission_classes = (IsAuthenticated,)

    @extend_schema(operation_id="lexicon_withdraw", request=shapes.ChangeInput, responses={204: None, **PROBLEMS})
    def post(self, request: Request, pk: UUID) -> Response:
        """Take an entry out; earlier versions keep it."""
        actor = actor_of(request)
        changing.require_administrator(actor)
        changing.concept_withdraw(actor=actor, concept_id=pk, **_validated(shapes.ChangeInput(data=request.data)))
        return Response(status=status.HTTP_204_NO_CONTENT)


class ImportView(APIView):
    """Adding many entries."""

    permission_classes = (IsAuthenticated,)
    parser_classes = (MultiPartParser,)

    @extend_schema(operation_id="lexicon_import", request=shapes.FileInput, responses={201: shapes.VersionSerializer, **PROBLEMS})
    def post(self, request: Request) -> Response:
        """Add the entries of a CSV file, or replace those with the same first Chinese names; all or nothing, one version."""
        actor = actor_of(request)
        changing.require_administrator(actor)
        given = _validated(shapes.FileInput(data=request.data))
        made = changing.table_load(actor=actor, content=given["file"].read(changing.MOST_BYTES + 1), reason=given["reason"])
        return Response(shapes.VersionSerializer(made).data, status=status.HTTP_201_CREATED)


def _validated(shape: serializers.Serializer[Any]) -> dict[str, Any]:
    shape.is_valid(raise_exception=True)
    return dict(shape.validated_data)
