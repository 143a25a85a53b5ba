"""Shapes of the API whose fields are worked out once: neither they nor a model changes while the process runs."""

from copy import deepcopy
from typing import Any, TypeVar

from django.db.models import Model
from django.utils.functional import lazy
from rest_framework import serializers
from rest_framework.utils.formatting import lazy_format

M = TypeVar("M", bound=Model)
_worked_out: dict[type, list[tuple[str, Any, bool]]] = {}


class ModelSerializer(serializers.ModelSerializer[M]):
    """REST framework's own, which otherwise asks the model about each of its columns for every answer."""

    def get_fields(self) -> dict[str, Any]:
        if type(self) not in _worked_out:
            _work_out(type(self), super().get_fields())
        return _own(type(self))


class Input(serializers.Serializer[Any]):
    """What a body holds; REST framework's own makes all fields with their checks anew for every body."""

    def get_fields(self) -> dict[str, Any]:
        if type(self) not in _worked_out:
            _work_out(type(self), super().get_fields())
        return _own(type(self))


def _work_out(kind: type, fields: dict[str, Any]) -> None:
    for field in fields.values():
        for check in () if _has_parts(field) else getattr(field, "validators", ()):
            if isinstance(getattr(check, "message", None), lazy_format):
                check.message = _in_each_language(check.message)
    _worked_out[kind] = [(name, field, _has_parts(field)) for name, field in fields.items()]


def _in_each_language(message: Any) -> Any:
    """REST framework's own keeps the language it was first read in."""
    words, places, names = message.format_string, message.args, message.kwargs
    return lazy(lambda: str(words).format(*places, **names), str)()


def _has_parts(field: Any) -> bool:
    return isinstance(field, serializers.BaseSerializer) or hasattr(field, "child") or hasattr(field, "child_relation")


def _own(kind: type) -> dict[str, Any]:
    """A copy of each field for one use: what has no parts of its own is bound to its place and changed in nothing else."""
    return {name: deepcopy(field) if parts else _copy(field) for name, field, parts in _worked_out[kind]}


def _copy(field: Any) -> Any:
    made = object.__new__(type(field))
    made.__dict__.update(field.__dict__)
    return made
