"""Some doors open only for a person who has signed in, never for a machine's key."""

from typing import Any

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from marketplace.accounts.models import ApiKey
from marketplace.common.text import bi


class SessionOnly(BasePermission):
    """Keys make no keys, no members and no appointments."""

    message: Any = bi("请由本人登录后办理，接口密钥不能这样做。", "Sign in yourself for this: an API key cannot do it.")

    def has_permission(self, request: Request, view: Any) -> bool:
        return not isinstance(request.auth, ApiKey)
