"""How API calls prove who they are: an API key, an app session's token, or the site's cookie."""

from typing import Any

from django.conf import settings
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework import authentication
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from marketplace.accounts import acting
from marketplace.accounts.models import ApiKey, Person
from marketplace.accounts.services import keys
from marketplace.common.text import bi


class ApiKeyAuthentication(BaseAuthentication):
    """`Authorization: Bearer jq_…`: a live key, or 401 whatever the reason."""

    def authenticate(self, request: Request) -> tuple[Person, ApiKey] | None:
        token = acting.bearer_of(request)
        if token is None:
            return None
        key = keys.open_key(token)
        if key is None:
            raise AuthenticationFailed(
                bi(
                    "密钥无效、已过期或已撤销：请在“接口密钥”页重新生成。",
                    "The key is unknown, expired or revoked: make a new one under “API keys”.",
                )
            )
        return key.person, key

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="api"'


class SessionTokenAuthentication(BaseAuthentication):
    """`X-Session-Token` of a client that signed in over JSON; no cookie, hence no CSRF."""

    def authenticate(self, request: Request) -> tuple[Person, Any] | None:
        if not request.headers.get("X-Session-Token"):
            return None
        found = acting.by_session_token(request)
        if found is None:
            raise AuthenticationFailed(bi("登录已失效，请重新登录。", "This session has ended: sign in again."))
        return found

    def authenticate_header(self, request: Request) -> str:
        return "X-Session-Token"


class SessionAuthentication(authentication.SessionAuthentication):
    """The site's cookie, checked against cross-site forgery on every unsafe method."""


class ApiKeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # the library leaves this hook untyped
    target_class = "marketplace.accounts.authentication.ApiKeyAuthentication"
    name = "apiKey"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "description": "A key made under /api/v1/api-keys/."}


class SessionTokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # the library leaves this hook untyped
    target_class = "marketplace.accounts.authentication.SessionTokenAuthentication"
    name = "sessionToken"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {
            "type": "apiKey",
            "in": "header",
            "name": "X-Session-Token",
            "description": "From signing in over JSON under /_allauth/app/v1/.",
        }


class CookieScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # the library leaves this hook untyped
    target_class = "marketplace.accounts.authentication.SessionAuthentication"
    name = "cookie"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "apiKey", "in": "cookie", "name": settings.SESSION_COOKIE_NAME}
