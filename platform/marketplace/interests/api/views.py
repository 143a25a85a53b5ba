"""Saved searches and their digests over HTTP."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import mixins, serializers, status
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from marketplace.common.actor import actor_of
from marketplace.common.errors import NotFound
from marketplace.interests import selectors
from marketplace.interests.api import serializers as shapes
from marketplace.interests.models import Digest, Interest
from marketplace.interests.services import saving
from marketplace.workflow.api import PROBLEMS

UUID4 = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"


@extend_schema_view(retrieve=extend_schema(responses={200: shapes.InterestSerializer, **PROBLEMS}))
class InterestViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, GenericViewSet[Interest]):
    """The caller's saved searches: what they are told of, and when."""

    queryset = Interest.objects.none()
    serializer_class = shapes.InterestSerializer
    permission_classes = (IsAuthenticated,)
    lookup_value_regex = UUID4

    def get_queryset(self) -> QuerySet[Interest]:
        return selectors.interests_for(actor_of(self.request))

    @extend_schema(request=shapes.InterestInput, responses={201: shapes.InterestSerializer, **PROBLEMS})
    def create(self, request: Request) -> Response:
        """Save a search."""
        actor = actor_of(request)
        saving.require_member(actor)
        made = saving.interest_save(actor=actor, fields=_validated(shapes.InterestInput(data=request.data)))
        return Response(self.get_serializer(made).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=shapes.InterestChange, responses={200: shapes.InterestSerializer, **PROBLEMS})
    def partial_update(self, request: Request, pk: str) -> Response:
        """Change it, pause it or resume it."""
        actor, interest = actor_of(request), self.get_object()
        given = _validated(shapes.InterestChange(data=request.data))
        paused = given.pop("paused", None)
        if given or paused is None:
            interest = saving.interest_change(interest=interest, actor=actor, fields=given)
        if paused is not None:
            interest = saving.interest_pause(interest=interest, actor=actor, paused=paused)
        return Response(self.get_serializer(interest).data)

    @extend_schema(responses={204: None, **PROBLEMS})
    def destroy(self, request: Request, pk: str) -> Response:
        """Delete it; what was sent stays listed under digests."""
        saving.interest_delete(interest=self.get_object(), actor=actor_of(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


@extend_schema_view(
    list=extend_schema(parameters=[OpenApiParameter("interest", str, description="Only those of this saved search.")]),
    retrieve=extend_schema(responses={200: shapes.DigestSerializer, **PROBLEMS}),
)
class DigestViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, GenericViewSet[Digest]):
    """What the caller was sent."""

    queryset = Digest.objects.none()
    permission_classes = (IsAuthenticated,)
    lookup_value_regex = UUID4

    def get_serializer_class(self) -> type[serializers.BaseSerializer[Any]]:
        return shapes.DigestLineSerializer if self.action == "list" else shapes.DigestSerializer

    def get_queryset(self) -> QuerySet[Digest]:
        actor = actor_of(self.request)
        rows = selectors.digests_for(actor)
        asked = self.request.query_params.get("interest", "")
        if self.action != "list" or not asked:
            return rows
        try:
            return rows.filter(interest_id=selectors.interest_for(actor, asked).pk)
        except (NotFound, ValidationError):
            return rows.none()


def _validated(shape: serializers.Serializer[Any]) -> dict[str, Any]:
    shape.is_valid(raise_exception=True)
    return dict(shape.validated_data)
