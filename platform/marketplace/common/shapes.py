"""Shapes of models in the API whose fields are worked out once: the model does not change while the process runs."""

from copy import copy, deepcopy
from typing import Any, TypeVar

from django.db.models import Model
from rest_framework import serializers

M = TypeVar("M", bound=Model)
_worked_out: dict[type, dict[str, Any]] = {}


class ModelSerializer(serializers.ModelSerializer[M]):
    """REST framework's own, which otherwise asks the model about each of its columns for every answer."""

    def get_fields(self) -> dict[str, Any]:
        kind = type(self)
        if kind not in _worked_out:
            _worked_out[kind] = super().get_fields()
        return {name: _own(field) for name, field in _worked_out[kind].items()}


def _own(field: Any) -> Any:
    """A copy for one answer: what has no parts of its own is bound to its place and changed in nothing else."""
    parts = isinstance(field, serializers.BaseSerializer) or hasattr(field, "child") or hasattr(field, "child_relation")
    return deepcopy(field) if parts else copy(field)
