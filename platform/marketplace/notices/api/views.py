"""Notices of the caller's organisation, and the demonstration's stored mail."""

from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import generics, serializers
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from marketplace.common.actor import actor_of
from marketplace.common.errors import NotFound
from marketplace.notices import selectors
from marketplace.notices.models import Notice, StoredMail
from marketplace.notices.services import telling
from marketplace.workflow.api import PROBLEMS


class NoticeSerializer(serializers.ModelSerializer[Notice]):
    class Meta:
        model = Notice
        fields = ("id", "topic", "kind", "object_id", "text_zh", "text_en", "path", "created_at", "read_at")
        read_only_fields = fields


class MailSerializer(serializers.ModelSerializer[StoredMail]):
    class Meta:
        model = StoredMail
        fields = ("id", "to", "subject", "body", "headers", "created_at")
        read_only_fields = fields


class ReadSerializer(serializers.Serializer[Any]):
    read = serializers.IntegerField()


@extend_schema_view(get=extend_schema(parameters=[OpenApiParameter("unread", bool, description="Only those that nobody has read.")]))
class NoticesView(generics.ListAPIView[Notice]):
    """What the organisation has been told, newest first."""

    serializer_class = NoticeSerializer
    permission_classes = (IsAuthenticated,)
    queryset = Notice.objects.none()

    def get_queryset(self) -> QuerySet[Notice]:
        rows = selectors.notices_for(actor_of(self.request))
        return selectors.unread(rows) if self.request.query_params.get("unread") in ("1", "true") else rows


class NoticesReadView(APIView):
    """Mark all as read."""

    permission_classes = (IsAuthenticated,)

    @extend_schema(request=None, responses={200: ReadSerializer, **PROBLEMS})
    def post(self, request: Request) -> Response:
        """Returns how many were unread."""
        return Response({"read": telling.notices_read(actor=actor_of(request))})


class DemoMailView(APIView):
    """The demonstration's stored mail; in production this address does not exist."""

    permission_classes = (AllowAny,)

    @extend_schema(parameters=[OpenApiParameter("to", str)], responses={200: MailSerializer(many=True), **PROBLEMS})
    def get(self, request: Request) -> Response:
        """The newest mails, to one address where `to` is given."""
        if not getattr(settings, "DEMO_LOGINS", False):
            raise NotFound
        rows = selectors.mails_to(request.query_params.get("to", ""))[: selectors.NEWEST_MAILS]
        return Response(MailSerializer(rows, many=True).data)
