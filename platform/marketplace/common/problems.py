"""Errors of the API as RFC 9457 problem+json with a stable `code`."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import OperationalError
from django.http import Http404
from rest_framework import exceptions, serializers
from rest_framework.response import Response
from rest_framework.views import exception_handler as drf_handler
from rest_framework.views import set_rollback

from marketplace.common import errors
from marketplace.common.text import bi

CONTENT_TYPE = "application/problem+json"
# Seconds after which whoever was told to come again may.
RETRY_AFTER = "1"

BY_FRAMEWORK: dict[type[exceptions.APIException], tuple[str, Any]] = {
    exceptions.NotAuthenticated: ("unauthenticated", errors.Unauthenticated.title),
    exceptions.AuthenticationFailed: (
        "authentication_failed",
        bi("登录凭据无效", "The credentials are not valid"),
    ),
    exceptions.PermissionDenied: ("forbidden", errors.Forbidden.title),
    exceptions.NotFound: ("not_found", errors.NotFound.title),
    exceptions.MethodNotAllowed: (
        "method_not_allowed",
        bi("此地址不支持该方法", "This address does not take that method"),
    ),
    exceptions.NotAcceptable: (
        "not_acceptable",
        bi("无法提供所要求的格式", "The format asked for is not offered"),
    ),
    exceptions.UnsupportedMediaType: (
        "unsupported_media_type",
        bi("不支持这种内容类型", "This content type is not taken"),
    ),
    exceptions.Throttled: ("throttled", bi("请求过于频繁，请稍后再试", "Too many requests: wait")),
    exceptions.ParseError: ("bad_request", bi("请求内容无法解析", "The body cannot be parsed")),
}


class ProblemSerializer(serializers.Serializer[Any]):
    """The shape of every refusal (RFC 9457 section 3)."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    code = serializers.CharField()
    detail = serializers.CharField()
    fields_ = serializers.DictField(child=serializers.ListField(child=serializers.CharField()), required=False)

    def get_fields(self) -> dict[str, Any]:
        fields = super().get_fields()
        fields["fields"] = fields.pop("fields_")
        return fields


def problem_body(*, code: str, status: int, title: Any, detail: Any, fields: Any = None, **extra: Any) -> dict[str, Any]:
    """One problem document; texts are in the language of the reader."""
    body = {
        "type": f"/api/v1/problems/{code}/",
        "title": str(title),
        "status": status,
        "code": code,
        "detail": str(detail),
    }
    if fields:
        body["fields"] = {k: [str(m) for m in v] for k, v in fields.items()}
    body.update({k: v for k, v in extra.items() if k not in body})
    return body


def of_domain_error(error: errors.DomainError) -> dict[str, Any]:
    """The problem document of a refusal."""
    return problem_body(
        code=error.code,
        status=error.status,
        title=error.title,
        detail=error.detail,
        fields=error.fields,
        **error.extra,
    )


def problem_handler(exc: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler: every refusal leaves as problem+json, faults stay faults."""
    if isinstance(exc, Http404):
        exc = exceptions.NotFound()
    elif isinstance(exc, PermissionDenied):
        exc = exceptions.PermissionDenied()
    elif isinstance(exc, OperationalError):
        exc = errors.TryAgain()
    if isinstance(exc, errors.DomainError):
        set_rollback()
        response = Response(of_domain_error(exc), status=exc.status, content_type=CONTENT_TYPE)
        if exc.status == 503:
            response["Retry-After"] = RETRY_AFTER
        return response
    answer = drf_handler(exc, context)
    if answer is not None and isinstance(exc, exceptions.APIException):
        answer.data = _of_drf(exc)
        answer.content_type = CONTENT_TYPE
    return answer


def _of_drf(exc: exceptions.APIException) -> dict[str, Any]:
    if isinstance(exc, exceptions.ValidationError):
        fields = _flatten(exc.detail)
        first = next((m for messages in fields.values() for m in messages), "")
        return problem_body(
            code="invalid",
            status=exc.status_code,
            title=errors.Invalid.title,
            detail=first,
            fields=fields,
        )
    for kind, (code, title) in BY_FRAMEWORK.items():
        if isinstance(exc, kind):
            detail = title if isinstance(exc, exceptions.NotFound) else exc.detail
            return problem_body(code=code, status=exc.status_code, title=title, detail=detail)
    return problem_body(code=str(exc.default_code), status=exc.status_code, title=exc.detail, detail=exc.detail)


def _flatten(detail: Any, prefix: str = "") -> dict[str, list[str]]:
    """Nested validation messages as {"milestones.0.amount": [message, …]}."""
    if isinstance(detail, dict):
        out: dict[str, list[str]] = {}
        for key, value in detail.items():
            out.update(_flatten(value, f"{prefix}.{key}" if prefix else str(key)))
        return out
    if isinstance(detail, list) and any(isinstance(item, dict) for item in detail):
        out = {}
        for index, item in enumerate(detail):
            out.update(_flatten(item, f"{prefix}.{index}" if prefix else str(index)))
        return out
    return {prefix or "request": [str(m) for m in (detail if isinstance(detail, list) else [detail])]}
