"""Agreements, milestones and signing keys over HTTP."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import FileResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.decorators import action as route
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from marketplace.agreements import selectors
from marketplace.agreements.api import serializers as shapes
from marketplace.agreements.models import Agreement, Milestone, PartyKey
from marketplace.agreements.permissions import may_read_body
from marketplace.agreements.services import drawing, keys, signing
from marketplace.agreements.workflow import AGREEMENT, MILESTONE, AgreementState, MilestoneState
from marketplace.common import files
from marketplace.common.actor import Actor, actor_of, signed_in
from marketplace.common.errors import NotFound
from marketplace.common.models import StoredFile
from marketplace.common.narrowing import narrowed, one_of
from marketplace.common.pagination import Keyset
from marketplace.demands.selectors import demand_for
from marketplace.funding.selectors import campaign_for
from marketplace.workflow.api import PROBLEMS, ActionsMixin, NoteInput, ReasonInput, documented_actions


class ByAction(ActionsMixin):
    """Rows in lists, the whole object elsewhere."""

    row_class: ClassVar[type[serializers.BaseSerializer[Any]]]
    permission_classes = (IsAuthenticated,)

    def get_serializer_class(self) -> type[serializers.BaseSerializer[Any]]:
        whole: Any = self.serializer_class
        return self.row_class if self.action == "list" else whole

    def validated(self, shape: type[serializers.Serializer[Any]], request: Request) -> dict[str, Any]:
        """The checked body of a write."""
        serializer = shape(data=request.data, context=self.get_serializer_context())
        serializer.is_valid(raise_exception=True)
        return dict(serializer.validated_data)


@documented_actions
@extend_schema_view(list=extend_schema(parameters=[one_of("state", AgreementState.values)]))
class AgreementViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ByAction):
    """Agreements of the caller's organisation."""

    machine = AGREEMENT
    queryset = Agreement.objects.none()
    serializer_class = shapes.AgreementSerializer
    row_class = shapes.AgreementRowSerializer
    action_inputs: ClassVar = {
        "revise": shapes.TermsInput,
        "abandon": ReasonInput,
        "reopen": ReasonInput,
        "sign": shapes.SignInput,
        "terminate": shapes.TerminateInput,
    }

    def get_queryset(self) -> QuerySet[Agreement]:
        rows = selectors.agreements_for(actor_of(self.request))
        if self.action == "list":
            return narrowed(self, rows, "state")
        return rows.prefetch_related("parties__organisation", "parties__key", "milestones")

    @extend_schema(request=shapes.DrawInput, responses={201: shapes.AgreementSerializer, **PROBLEMS})
    def create(self, request: Request) -> Response:
        """Draw up the agreement for an awarded demand."""
        actor = signed_in(self.request)
        given = self.validated(shapes.DrawInput, request)
        demand = demand_for(actor, given.pop("demand"))
        campaign_id = given.pop("campaign", None)
        campaign = campaign_for(actor, campaign_id) if campaign_id else None
        agreement = drawing.agreement_draw(demand=demand, campaign=campaign, actor=actor, terms=given)
        return Response(self.get_serializer(agreement).data, status=status.HTTP_201_CREATED)

    def action_data(self, request: Request, move: str) -> dict[str, Any]:
        data = super().action_data(request, move)
        return {"terms": data} if move == "revise" else data

    def performed(self, move: str, changed: Any) -> Any:
        return signing.conclude_if_all_signed(changed) if move == "sign" else changed


@documented_actions
@extend_schema_view(
    list=extend_schema(parameters=[one_of("state", MilestoneState.values)]),
    retrieve=extend_schema(responses={200: shapes.MilestoneSerializer, **PROBLEMS}),
)
class MilestoneViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ByAction):
    """Milestones: deliver, review, accept."""

    machine = MILESTONE
    queryset = Milestone.objects.none()
    serializer_class = shapes.MilestoneSerializer
    row_class = shapes.MilestoneRowSerializer
    action_inputs: ClassVar = {
        "submit": shapes.DeliverInput,
        "accept": NoteInput,
        "request_revision": ReasonInput,
    }

    def get_queryset(self) -> QuerySet[Milestone]:
        return narrowed(self, selectors.milestones_for(actor_of(self.request)), "state")

    def action_data(self, request: Request, move: str) -> dict[str, Any]:
        data = super().action_data(request, move)
        if move == "submit":
            data["file"] = keep(actor_of(request), data["file"], "deliverable")
        return data

    @extend_schema(responses={(200, "application/octet-stream"): OpenApiTypes.BINARY, **PROBLEMS})
    @route(detail=True, methods=["get"])
    def deliverable(self, request: Request, pk: str) -> FileResponse:
        """Download what was delivered, as a party."""
        milestone = self.get_object()
        if milestone.deliverable is None or not may_read_body(actor_of(request), milestone.agreement):
            raise NotFound
        return FileResponse(
            files.open_file(milestone.deliverable),
            as_attachment=True,
            filename=milestone.deliverable.name,
            content_type="application/octet-stream",
        )


class NewestAdded(Keyset):
    """Keys, the last one added first: the first that is not revoked is the one that signs."""

    ordering = ("-added_at", "-id")


class KeyViewSet(mixins.ListModelMixin, viewsets.GenericViewSet[PartyKey]):
    """Signing keys of the caller's organisation."""

    queryset = PartyKey.objects.none()
    serializer_class = shapes.KeySerializer
    pagination_class = NewestAdded
    permission_classes = (IsAuthenticated,)
    lookup_value_regex = ActionsMixin.lookup_value_regex

    def get_queryset(self) -> QuerySet[PartyKey]:
        return selectors.keys_for(actor_of(self.request))

    @extend_schema(request=shapes.KeyInput, responses={201: shapes.KeySerializer, **PROBLEMS})
    def create(self, request: Request) -> Response:
        """Register a public key, or have the platform keep a key for the organisation."""
        serializer = shapes.KeyInput(data=request.data)
        serializer.is_valid(raise_exception=True)
        key = keys.key_register(actor=actor_of(request), public_key=serializer.validated_data.get("public_key", ""))
        return Response(shapes.KeySerializer(key).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=None, responses={200: shapes.KeySerializer, **PROBLEMS})
    @route(detail=True, methods=["post"])
    def revoke(self, request: Request, pk: str) -> Response:
        """Take a key out of use."""
        key = keys.key_revoke(key=self.get_object(), actor=actor_of(request))
        return Response(shapes.KeySerializer(key).data)


def keep(actor: Actor, upload: Any, purpose: str) -> StoredFile:
    """Put an upload behind the storage door for the actor's organisation."""
    if actor.organisation_id is None:
        raise NotFound
    return files.store(
        owner_id=actor.organisation_id,
        name=upload.name,
        stream=upload,
        content_type=upload.content_type or "application/octet-stream",
        purpose=purpose,
    )
