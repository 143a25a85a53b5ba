"""`/organisations/`: founding, finding, verifying, and who belongs to one."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from marketplace.accounts import acting
from marketplace.accounts.api import serializers as shapes
from marketplace.accounts.api.session_only import SessionOnly
from marketplace.accounts.models import Organisation
from marketplace.accounts.permissions import demand_organisation
from marketplace.accounts.selectors import organisations as reads
from marketplace.accounts.services import membering, organising
from marketplace.accounts.workflow import MACHINE, OrganisationState
from marketplace.common.pagination import page_of
from marketplace.workflow.api import PROBLEMS, ActionsMixin, ReasonInput, documented_actions

PERSON_ID = OpenApiParameter("person_id", OpenApiTypes.UUID, OpenApiParameter.PATH)


@documented_actions
class OrganisationViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ActionsMixin):
    """Verified organisations are public; others are known to their members and the staff."""

    machine = MACHINE
    serializer_class = shapes.OrganisationSerializer
    action_inputs: ClassVar = {"reject": ReasonInput, "suspend": ReasonInput}
    queryset = Organisation.objects.none()
    filter_backends = ()

    def get_permissions(self) -> Sequence[Any]:
        if self.action in {"list", "retrieve", "perform_action"}:
            return super().get_permissions()
        return [IsAuthenticated(), SessionOnly()]

    def get_queryset(self) -> QuerySet[Organisation]:
        return reads.visible_to(acting.actor_of(self.request))

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        asked = self.request.query_params
        if self.action != "list":
            return queryset
        if asked.get("mine") == "true":
            person_id = acting.actor_of(self.request).person_id
            queryset = queryset.filter(memberships__person_id=person_id) if person_id else queryset.none()
        if words := asked.get("search", ""):
            queryset = reads.named_like(queryset, words)
        if asked.get("state") in OrganisationState.values:
            queryset = queryset.filter(state=asked["state"])
        return queryset

    @extend_schema(
        parameters=[
            OpenApiParameter("search", str, description="Words of a name, or a credit code."),
            OpenApiParameter("mine", bool, description="Only those you belong to."),
            OpenApiParameter("state", str, enum=OrganisationState.values),
        ]
    )
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)

    @extend_schema(request=shapes.NewOrganisation, responses={201: shapes.OrganisationSerializer, **PROBLEMS})
    def create(self, request: Request) -> Response:
        """Found an organisation; the caller becomes its first manager."""
        body = shapes.NewOrganisation(data=request.data)
        body.is_valid(raise_exception=True)
        data = dict(body.validated_data)
        row = organising.found(actor=acting.actor_of(request), credit_code=data.pop("uscc"), **data)
        acting.forget(request)
        return Response(self.get_serializer(row).data, status=status.HTTP_201_CREATED)

    @extend_schema(responses={200: shapes.MemberOut(many=True), **PROBLEMS})
    @action(detail=True, methods=["get"])
    def members(self, request: Request, pk: str) -> Response:
        """Who belongs to the organisation: for its members."""
        rows = reads.members_of(demand_organisation(acting.actor_for(request, pk)))
        return page_of(self, rows, shapes.MemberOut)

    @extend_schema(parameters=[PERSON_ID], request=shapes.RolesInput, responses={200: shapes.MemberOut, **PROBLEMS})
    @action(detail=True, methods=["put"], url_path="members/(?P<person_id>[0-9a-f-]{36})")
    def member(self, request: Request, pk: str, person_id: str) -> Response:
        """Give a member exactly these roles: for its managers."""
        body = shapes.RolesInput(data=request.data)
        body.is_valid(raise_exception=True)
        row = membering.set_roles(actor=acting.actor_for(request, pk), person_id=person_id, **body.validated_data)
        return Response(shapes.MemberOut(row).data)

    @extend_schema(parameters=[PERSON_ID], request=None, responses={204: None, **PROBLEMS})
    @member.mapping.delete
    def remove_member(self, request: Request, pk: str, person_id: str) -> Response:
        """End a membership: one's own, or as manager another's."""
        membering.remove(actor=acting.actor_for(request, pk), person_id=person_id)
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(responses={200: shapes.InvitationOut(many=True), **PROBLEMS})
    @action(detail=True, methods=["get"])
    def invitations(self, request: Request, pk: str) -> Response:
        """The organisation's open invitations: for its members."""
        rows = reads.invitations_from(demand_organisation(acting.actor_for(request, pk))).select_related("organisation")
        return page_of(self, rows, shapes.InvitationOut)

    @extend_schema(request=shapes.InvitationInput, responses={201: shapes.InvitationOut, **PROBLEMS})
    @invitations.mapping.post
    def invite(self, request: Request, pk: str) -> Response:
        """Invite an address; the answer does not tell whether it has an account."""
        body = shapes.InvitationInput(data=request.data)
        body.is_valid(raise_exception=True)
        row = membering.invite(actor=acting.actor_for(request, pk), **body.validated_data)
        return Response(shapes.InvitationOut(row).data, status=status.HTTP_201_CREATED)

    @extend_schema(responses={200: shapes.AffiliationOut(many=True), **PROBLEMS})
    @action(detail=True, methods=["get"])
    def affiliations(self, request: Request, pk: str) -> Response:
        """Organisations that this one declared it is not at arm's length with: for its members."""
        rows = reads.affiliations_of(demand_organisation(acting.actor_for(request, pk)))
        return page_of(self, rows, shapes.AffiliationOut)

    @extend_schema(request=shapes.AffiliationInput, responses={201: shapes.AffiliationOut, **PROBLEMS})
    @affiliations.mapping.post
    def affiliate(self, request: Request, pk: str) -> Response:
        """Declare an affiliation: for managers of either side."""
        body = shapes.AffiliationInput(data=request.data)
        body.is_valid(raise_exception=True)
        row = organising.affiliate(actor=acting.actor_for(request, pk), other_id=body.validated_data["organisation"])
        return Response(shapes.AffiliationOut(row).data, status=status.HTTP_201_CREATED)
