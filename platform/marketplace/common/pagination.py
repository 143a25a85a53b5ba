"""Keyset pagination: the same cost on page one and on page one million, opaque cursors."""

from rest_framework.pagination import CursorPagination


class Keyset(CursorPagination):
    """Newest first by id (ids are in order of creation); `cursor` and `page_size` (1 to 100)."""

    ordering = ("-id",)
    page_size = 20
    page_size_query_param = "page_size"
    max_page_size = 100
