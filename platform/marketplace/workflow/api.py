"""The API's side of the one door: `POST …/{id}/actions/{action}/`, for every kind of object alike."""

import hashlib
import json
from collections.abc import Callable
from functools import wraps
from typing import Any, ClassVar

from django.db import transaction
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, PolymorphicProxySerializer, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action as route
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from marketplace.common import idempotency
from marketplace.common.actor import Actor, signed_in
from marketplace.common.errors import BadRequest, DomainError, NotFound
from marketplace.common.problems import CONTENT_TYPE, ProblemSerializer, of_domain_error
from marketplace.common.text import bi
from marketplace.workflow.actions import available_actions
from marketplace.workflow.machine import Machine
from marketplace.workflow.models import Stateful
from marketplace.workflow.performing import perform

PROBLEMS: dict[int, Any] = {
    400: ProblemSerializer,
    401: ProblemSerializer,
    403: ProblemSerializer,
    404: ProblemSerializer,
    409: ProblemSerializer,
    415: ProblemSerializer,
    422: ProblemSerializer,
    429: ProblemSerializer,
}

IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description="One new random value per operation; needed where money may move.",
)


class ActionSerializer(serializers.Serializer[Any]):
    """One action on offer."""

    action = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # a declared field leaves the class; the stub sees Field.label
    allowed = serializers.BooleanField()
    reason = serializers.CharField(allow_blank=True)
    needs_idempotency_key = serializers.BooleanField()
    href = serializers.CharField()


class ReasonInput(serializers.Serializer[Any]):
    """The body of every move that must be justified."""

    reason = serializers.CharField(max_length=2000)


class NoteInput(serializers.Serializer[Any]):
    """The body of every move that may carry a word."""

    note = serializers.CharField(max_length=2000, required=False, allow_blank=True)


def action_links(obj: Stateful, actor: Actor, base: str) -> list[dict[str, Any]]:
    """The actions that the caller may take, as links."""
    return [
        {
            "action": offer.action,
            "label": str(offer.label),
            "allowed": offer.allowed,
            "reason": str(offer.reason),
            "needs_idempotency_key": offer.money,
            "href": f"{base}{obj.pk}/actions/{offer.action}/",
        }
        for offer in available_actions(obj, actor)
    ]


def idempotent(request: Request, actor: Actor, run: Callable[[], tuple[int, Any]]) -> Response:
    """Answer by the caller's Idempotency-Key: done once, replayed ever after, refusals included."""
    key = request.headers.get("Idempotency-Key", "")
    if not key:
        raise idempotency.KeyMissing
    if len(key) > 255 or not key.isprintable():
        raise BadRequest(bi("Idempotency-Key 最长 255 个可见字符。", "Idempotency-Key: 255 visible characters."))

    def guarded() -> tuple[int, Any]:
        try:
            with transaction.atomic():
                status, body = run()
        except DomainError as refusal:
            if refusal.status >= 500:
                raise
            status, body = refusal.status, of_domain_error(refusal)
        # As it will be sent: ids, times and labels as text, the same now and when replayed.
        return status, json.loads(JSONRenderer().render(body))

    status, body, replayed = idempotency.once(
        actor_key=f"{actor.person_id}:{actor.organisation_id}",
        key=key,
        fingerprint=fingerprint(request),
        run=guarded,
    )
    response = Response(body, status=status)
    if status >= 400:
        response.content_type = CONTENT_TYPE
    if replayed:
        response["Idempotent-Replayed"] = "true"
    return response


def fingerprint(request: Request) -> bytes:
    """SHA-256 over method, path and body: what makes two requests the same.

    A multipart body is taken by its fields and the contents of its files, since its boundary
    differs from one sending to the next.
    """
    digest = hashlib.sha256(f"{request.method} {request.path}\n".encode())
    if (request.content_type or "").startswith("multipart/"):
        for name in sorted(request.data):
            value = request.data[name]
            digest.update(f"{name}\0".encode())
            if hasattr(value, "chunks"):
                for chunk in value.chunks():
                    digest.update(chunk)
                value.seek(0)
            else:
                digest.update(str(value).encode())
    else:
        digest.update(JSONRenderer().render(request.data))
    return digest.digest()


class ActionsMixin(GenericViewSet[Any]):
    """Gives a viewset of stateful objects its one POST for every move of the table.

    Set `machine`, and in `action_inputs` the serializer of each action that takes data; wrap the
    viewset in `documented_actions`. The answer is the object as `serializer_class` shows it.
    """

    machine: ClassVar[Machine]
    action_inputs: ClassVar[dict[str, type[serializers.Serializer[Any]]]] = {}
    lookup_value_regex = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"

    @route(detail=True, methods=["post"], url_path="actions/(?P<move>[a-z_0-9]+)", url_name="action")
    def perform_action(self, request: Request, pk: str, move: str) -> Response:
        actor = signed_in(request)
        obj = self.get_object()
        rows = self.machine.by_action.get(move)
        if not rows:
            raise NotFound

        def run() -> tuple[int, Any]:
            changed = perform(move, obj, actor, **self.action_data(request, move))
            return 200, self.get_serializer(self.performed(move, changed)).data

        if any(row.money for row in rows):
            return idempotent(request, actor, run)
        status, body = run()
        return Response(body, status=status)

    def performed(self, move: str, changed: Any) -> Any:
        """What follows from a move in the same request; nothing by default."""
        return changed

    def action_data(self, request: Request, move: str) -> dict[str, Any]:
        """The validated body of one action."""
        serializer_class = self.action_inputs.get(move)
        if serializer_class is None:
            return {}
        serializer = serializer_class(data=request.data, context=self.get_serializer_context())
        serializer.is_valid(raise_exception=True)
        return dict(serializer.validated_data)


def documented_actions(view: type[ActionsMixin]) -> type[ActionsMixin]:
    """Describe a viewset's actions in the OpenAPI document: their names and bodies."""
    names = sorted({m.action for m in view.machine.moves if set(m.roles) != {"system"}})
    bodies = [view.action_inputs[name] for name in names if name in view.action_inputs]
    bodies = list(dict.fromkeys(bodies))
    request: Any = None
    if bodies:
        request = PolymorphicProxySerializer(
            component_name=f"{view.machine.name.title().replace('_', '')}ActionInput",
            serializers=bodies,
            resource_type_field_name=None,
        )
    shared: Any = view.perform_action

    # extend_schema writes on the function itself, and one function serves every view: each view describes a copy of its own.
    @wraps(shared)
    def own(self: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        answer: Response = shared(self, request, *args, **kwargs)
        return answer

    vars(own)["kwargs"] = dict(shared.kwargs)
    described = extend_schema(
        operation_id=f"{view.machine.name}_action",
        parameters=[
            OpenApiParameter("move", OpenApiTypes.STR, OpenApiParameter.PATH, enum=names),
            IDEMPOTENCY_KEY,
        ],
        request=request,
        responses={200: view.serializer_class, **PROBLEMS},
    )(own)
    setattr(view, "perform_action", described)  # noqa: B010 - a description of its own, of the same shape
    return view
