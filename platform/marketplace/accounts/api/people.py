"""`/me/`, `/invitations/`, `/staff/` and `/api-keys/`."""

from uuid import UUID

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.generics import GenericAPIView
from rest_framework.permissions import AllowAny, BasePermission, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from marketplace.accounts import acting, terms
from marketplace.accounts.api import serializers as shapes
from marketplace.accounts.api.session_only import SessionOnly
from marketplace.accounts.models import ApiKey, Invitation, StaffAppointment
from marketplace.accounts.selectors import keys as key_reads
from marketplace.accounts.selectors import organisations as reads
from marketplace.accounts.selectors import staff as staff_reads
from marketplace.accounts.services import appointing, erasing, keys, membering
from marketplace.common.pagination import page_of
from marketplace.workflow.api import PROBLEMS

ID = OpenApiParameter("pk", OpenApiTypes.UUID, OpenApiParameter.PATH)


class MeView(APIView):
    """Reading is open to keys; correcting and erasing are not."""

    def get_permissions(self) -> list[BasePermission]:
        return [IsAuthenticated()] if self.request.method == "GET" else [IsAuthenticated(), SessionOnly()]

    @extend_schema(responses={200: shapes.MeOut, **PROBLEMS})
    def get(self, request: Request) -> Response:
        """Who the caller is, for whom they act, and for whom they could."""
        actor = acting.actor_of(request)
        person = acting.person_of(request)
        return Response(
            shapes.MeOut(
                {
                    "id": person.pk,
                    "email": person.email,
                    "name": person.name,
                    "language": person.language,
                    "organisation_id": actor.organisation_id,
                    "organisation_kind": actor.organisation_kind,
                    "verified": actor.verified,
                    "roles": sorted(actor.roles),
                    "staff": actor.staff,
                    "staff_region": actor.staff_region,
                    "scopes": sorted(actor.scopes),
                    "memberships": reads.memberships_of(person.pk),
                    "invitations": reads.invitations_to(person),
                }
            ).data
        )

    @extend_schema(request=shapes.MeInput, responses={200: shapes.MeInput, **PROBLEMS})
    def patch(self, request: Request) -> Response:
        """Correct one's name or language."""
        body = shapes.MeInput(acting.person_of(request), data=request.data, partial=True)
        body.is_valid(raise_exception=True)
        body.save()
        return Response(body.data)

    @extend_schema(request=None, responses={204: None, **PROBLEMS})
    def delete(self, request: Request) -> Response:
        """Erase one's personal data; needs a fresh confirmation of the password."""
        if not acting.has_reauthenticated(request):
            raise keys.ReauthenticationNeeded
        erasing.erase(person=acting.person_of(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class TermsView(APIView):
    permission_classes = (AllowAny,)

    @extend_schema(operation_id="terms", responses={200: shapes.TermsOut, **PROBLEMS})
    def get(self, request: Request) -> Response:
        """The terms in force: their version is sent with a sign-up to agree to them."""
        current = terms.CURRENT
        shown = {"version": current.version, "zh": current.zh, "en": current.en, "sha256": current.sha256}
        return Response(shapes.TermsOut(shown).data)


class InvitationsView(GenericAPIView[Invitation]):
    queryset = Invitation.objects.none()
    serializer_class = shapes.InvitationOut
    permission_classes = (IsAuthenticated, SessionOnly)
    filter_backends = ()

    @extend_schema(responses={200: shapes.InvitationOut(many=True), **PROBLEMS})
    def get(self, request: Request) -> Response:
        """Open invitations to the caller's verified addresses."""
        return page_of(self, reads.invitations_to(acting.person_of(request)), shapes.InvitationOut)


class InvitationView(APIView):
    permission_classes = (IsAuthenticated, SessionOnly)

    @extend_schema(operation_id="invitation_accept", parameters=[ID], request=None, responses={201: shapes.MembershipOut, **PROBLEMS})
    def post(self, request: Request, pk: UUID) -> Response:
        """Accept: become a member with the roles offered."""
        row = membering.accept(person=acting.person_of(request), invitation_id=pk)
        acting.forget(request)
        return Response(shapes.MembershipOut(row).data, status=status.HTTP_201_CREATED)

    @extend_schema(operation_id="invitation_decline", parameters=[ID], request=None, responses={204: None, **PROBLEMS})
    def delete(self, request: Request, pk: UUID) -> Response:
        """Decline: the address is forgotten with the invitation."""
        membering.decline(person=acting.person_of(request), invitation_id=pk)
        return Response(status=status.HTTP_204_NO_CONTENT)


class StaffView(GenericAPIView[StaffAppointment]):
    queryset = StaffAppointment.objects.none()
    serializer_class = shapes.AppointmentOut
    permission_classes = (IsAuthenticated, SessionOnly)
    filter_backends = ()

    @extend_schema(operation_id="staff_list", responses={200: shapes.AppointmentOut(many=True), **PROBLEMS})
    def get(self, request: Request) -> Response:
        """Every office ever held, newest first."""
        return page_of(self, staff_reads.appointments(acting.actor_of(request)), shapes.AppointmentOut)

    @extend_schema(operation_id="staff_appoint", request=shapes.AppointmentInput, responses={201: shapes.AppointmentOut, **PROBLEMS})
    def post(self, request: Request) -> Response:
        """Appoint the person with a verified address to an office: for administrators."""
        body = shapes.AppointmentInput(data=request.data)
        body.is_valid(raise_exception=True)
        row = appointing.appoint(actor=acting.actor_of(request), **body.validated_data)
        return Response(shapes.AppointmentOut(row).data, status=status.HTTP_201_CREATED)


class AppointmentView(APIView):
    permission_classes = (IsAuthenticated, SessionOnly)

    @extend_schema(operation_id="staff_end", parameters=[ID], request=None, responses={200: shapes.AppointmentOut, **PROBLEMS})
    def delete(self, request: Request, pk: UUID) -> Response:
        """End an office at once: for administrators."""
        return Response(shapes.AppointmentOut(appointing.end(actor=acting.actor_of(request), appointment_id=pk)).data)


class ApiKeysView(GenericAPIView[ApiKey]):
    queryset = ApiKey.objects.none()
    serializer_class = shapes.ApiKeyOut
    permission_classes = (IsAuthenticated, SessionOnly)
    filter_backends = ()

    @extend_schema(operation_id="api_key_list", responses={200: shapes.ApiKeyOut(many=True), **PROBLEMS})
    def get(self, request: Request) -> Response:
        """The caller's keys, and for a manager the organisation's."""
        return page_of(self, key_reads.keys_of(acting.actor_of(request)), shapes.ApiKeyOut)

    @extend_schema(operation_id="api_key_make", request=shapes.ApiKeyInput, responses={201: shapes.NewApiKeyOut, **PROBLEMS})
    def post(self, request: Request) -> Response:
        """Make a key; its token is shown in this answer only. Money and sign need a fresh confirmation of the password."""
        body = shapes.ApiKeyInput(data=request.data)
        body.is_valid(raise_exception=True)
        key, token = keys.make_key(
            actor=acting.actor_of(request), reauthenticated=acting.has_reauthenticated(request), **body.validated_data
        )
        shown = {**shapes.ApiKeyOut(key).data, "token": token}
        return Response(shown, status=status.HTTP_201_CREATED, headers={"Cache-Control": "no-store"})


class ApiKeyView(APIView):
    permission_classes = (IsAuthenticated, SessionOnly)

    @extend_schema(operation_id="api_key_revoke", parameters=[ID], request=None, responses={200: shapes.ApiKeyOut, **PROBLEMS})
    def delete(self, request: Request, pk: UUID) -> Response:
        """Revoke a key at once."""
        return Response(shapes.ApiKeyOut(keys.revoke_key(actor=acting.actor_of(request), key_id=pk)).data)
