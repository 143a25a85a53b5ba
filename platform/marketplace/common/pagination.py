"""Keyset pagination: the same cost on page one and on page one million, opaque cursors."""

from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet
from rest_framework.pagination import CursorPagination
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

if TYPE_CHECKING:  # REST framework reads its settings, and so this module, while it makes this class
    from rest_framework.generics import GenericAPIView


class Keyset(CursorPagination):
    """Newest first by id (ids are in order of creation); `cursor` and `page_size` (1 to 100)."""

    ordering: tuple[str, ...] = ("-id",)
    page_size = 20
    page_size_query_param = "page_size"
    max_page_size = 100


def page_of(view: "GenericAPIView[Any]", rows: QuerySet[Any], shape: type[BaseSerializer[Any]]) -> Response:
    """The page of the rows that the request asks the view for, each row in the given shape."""
    return view.get_paginated_response(shape(view.paginate_queryset(rows), many=True, context=view.get_serializer_context()).data)
