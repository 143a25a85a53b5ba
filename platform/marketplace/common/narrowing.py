"""Lists of the API narrowed by what their address asks for."""

from collections.abc import Sequence
from typing import Any, TypeVar

from django.db.models import Model, QuerySet
from drf_spectacular.utils import OpenApiParameter
from rest_framework.viewsets import GenericViewSet

from marketplace.common.text import storable

R = TypeVar("R", bound=Model)


def one_of(name: str, values: Sequence[str]) -> OpenApiParameter:
    """The parameter of a list by which one of its rows' columns is asked for."""
    return OpenApiParameter(name, str, enum=list(values))


def narrowed(view: GenericViewSet[Any], rows: QuerySet[R], *names: str) -> QuerySet[R]:
    """The rows of a list whose columns of these names have the values asked for; a value that is none finds no row.

    Whatever is not a list stays as it is, so that an object is found at its own address alone.
    """
    if view.action != "list":
        return rows
    asked = {name: view.request.query_params.get(name, "") for name in names}
    return rows.filter(**{name: storable(value) for name, value in asked.items() if value})
