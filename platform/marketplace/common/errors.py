"""Every refusal is a class named by its reason; one handler turns it into a page or problem+json."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from marketplace.common.text import bi

FieldErrors = Mapping[str, Sequence[Any]]


class DomainError(Exception):
    """A refusal that people can read: what is wrong and what to do.

    `code` is stable for programs, `status` is the HTTP status, `fields` names faulty inputs.
    """

    code: ClassVar[str] = "refused"
    status: ClassVar[int] = 409
    title: ClassVar[Any] = bi("操作未被接受", "The action was refused")

    def __init__(self, detail: Any = "", *, fields: FieldErrors | None = None, **extra: Any) -> None:
        super().__init__(detail)
        self.detail = detail or self.title
        self.fields: dict[str, list[Any]] = {k: list(v) for k, v in (fields or {}).items()}
        self.extra = extra

    def __str__(self) -> str:
        return str(self.detail)


class NotFound(DomainError):
    code = "not_found"
    status = 404
    title = bi("没有找到", "Not found")


class Unauthenticated(DomainError):
    code = "unauthenticated"
    status = 401
    title = bi("请先登录", "Sign in first")


class Forbidden(DomainError):
    code = "forbidden"
    status = 403
    title = bi("您无权进行此操作", "You may not do this")


class NotVerified(Forbidden):
    code = "organisation_not_verified"
    title = bi(
        "贵单位尚未通过核验：可以浏览，暂不能办理业务",
        "Your organisation is not verified yet: it can look, not act",
    )


class MissingScope(Forbidden):
    code = "scope_missing"
    title = bi("此密钥没有所需权限范围", "This key lacks the scope that is needed")


class Conflict(DomainError):
    code = "conflict"
    status = 409
    title = bi("与当前情况冲突", "In conflict with the present state")


class WrongState(Conflict):
    code = "wrong_state"
    title = bi("当前状态不允许此操作", "The present state does not allow this")


class LimitReached(Conflict):
    code = "limit_reached"
    title = bi("已达上限", "The limit is reached")


class Invalid(DomainError):
    code = "invalid"
    status = 422
    title = bi("输入有误", "The input is not valid")


class BadRequest(DomainError):
    code = "bad_request"
    status = 400
    title = bi("请求有误", "The request is not understood")


class TooLarge(DomainError):
    code = "too_large"
    status = 413
    title = bi("请求内容过大", "The request is too large")


class TryAgain(DomainError):
    code = "try_again"
    status = 503
    title = bi("暂时繁忙，请稍后重试", "Busy for the moment: please try again")


class Fault(DomainError):
    code = "fault"
    status = 500
    title = bi("平台出了问题：未完成的操作没有生效", "Something went wrong on our side: what was not finished did not take effect")
