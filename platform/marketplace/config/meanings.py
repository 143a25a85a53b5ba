"""What each code of a refusal means and what to do about it: the page that a problem's `type` leads to (RFC 9457 section 3.1.1)."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pkgutil import iter_modules
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from marketplace.common import errors
from marketplace.common.problems import BY_FRAMEWORK
from marketplace.common.text import bi
from marketplace.config.rooms import OURS

WHAT_TO_DO = {
    400: bi("按 detail 所说修改请求后重发。", "Change the request as detail says, and send it again."),
    401: bi("先登录，或换一个有效的接口密钥再试。", "Sign in, or send a key that is valid, and try again."),
    403: bi(
        "此账号或密钥不能办理；请换用有权限的账号、角色或权限范围。重发同样的请求不会有别的结果。",
        "This account or key may not do it: use one with the role or scope that is needed. Sending the same again changes nothing.",
    ),
    404: bi(
        "核对地址与编号。不存在的与您无权查看的，答复相同。",
        "Check the address and the id. What does not exist and what you may not see are answered alike.",
    ),
    405: bi("答复的 Allow 列出此地址支持的方法。", "The answer's Allow header lists the methods that this address takes."),
    406: bi("在 Accept 中写上 application/json。", "Ask for application/json in the Accept header."),
    409: bi(
        "重新读取该对象：其 state 与 actions 说明现在能做什么。",
        "Read the object again: its state and actions say what can be done now.",
    ),
    413: bi("缩短文字，或分几次发送；文件另有上限。", "Shorten the text, or send it in several requests; files have limits of their own."),
    415: bi("用 application/json 发送；含文件的用 multipart/form-data。", "Send application/json, or multipart/form-data with a file."),
    422: bi(
        "fields 指出每个有误的字段与原因；改好后重发，并换一个 Idempotency-Key。",
        "fields names each faulty field with the reason: mend them and send again with a new Idempotency-Key.",
    ),
    429: bi("等待 Retry-After 所示秒数后再试。", "Wait for the seconds that Retry-After names, and try again."),
    500: bi(
        "用同一个 Idempotency-Key 稍后重试；如仍出现，请告知我们发生的时间。",
        "Try again later with the same Idempotency-Key; if it happens again, tell us the time.",
    ),
    503: bi("用同一个 Idempotency-Key 稍后重试。", "Try again in a moment with the same Idempotency-Key."),
}


@dataclass(frozen=True, slots=True)
class Meaning:
    """One code with its status, what it means, and what to do."""

    code: str
    status: int
    title: Any
    remedy: Any


@cache
def every_meaning() -> list[Meaning]:
    """Every code that a refusal may carry, read from the classes that are raised, by status and then by code.

    A code that several classes share is told once, in the words of the most general.
    """
    for app in filter(lambda app: app.startswith(OURS) and find_spec(f"{app}.services"), settings.INSTALLED_APPS):
        for module in iter_modules(import_module(f"{app}.services").__path__, f"{app}.services."):
            import_module(module.name)  # a class that nobody has asked for yet is known to nobody
    found = {code: Meaning(code, kind.status_code, title, WHAT_TO_DO[kind.status_code]) for kind, (code, title) in BY_FRAMEWORK.items()}
    for kind in _kinds(errors.DomainError):
        if kind.code not in found or kind.__base__ is errors.DomainError:
            found[kind.code] = Meaning(kind.code, kind.status, kind.title, WHAT_TO_DO[kind.status])
    return sorted(found.values(), key=lambda one: (one.status, one.code))


def _kinds(kind: type[errors.DomainError]) -> Iterator[type[errors.DomainError]]:
    for below in sorted(kind.__subclasses__(), key=lambda one: (one.__module__, one.__name__)):
        yield below
        yield from _kinds(below)


@require_safe
def meanings(request: HttpRequest, code: str = "") -> HttpResponse:
    """Show what one code means, or all of them."""
    shown = [one for one in every_meaning() if code in ("", one.code)]
    if not shown:
        raise errors.NotFound
    return render(request, "config/meanings.html", {"meanings": shown, "code": code})
