"""The API's own page: the OpenAPI document made readable on the server, without a script and without another host."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language, override
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiJsonRenderer, OpenApiYamlRenderer
from drf_spectacular.views import SpectacularAPIView
from rest_framework.request import Request

from marketplace.common.text import bi

METHODS = ("get", "post", "put", "patch", "delete")

# What people call each resource; a resource without a name here is shown by its address.
TITLES = {
    "achievements": bi("成果", "Achievements"),
    "agreements": bi("协议", "Agreements"),
    "api-keys": bi("接口密钥", "API keys"),
    "bank-accounts": bi("收款账户", "Bank accounts"),
    "line-decisions": bi("明细处理", "Decisions about bank lines"),
    "payment-orders": bi("付款文件", "Payment orders"),
    "bank-statements": bi("银行流水", "Bank statements"),
    "statement-imports": bi("对账单预览与导入", "Statements to be imported"),
    "statement-mappings": bi("列映射", "Mappings of columns"),
    "bids": bi("投标", "Bids"),
    "campaigns": bi("众筹项目", "Campaigns"),
    "certificates": bi("存证证书", "Certificates"),
    "debts": bi("欠款", "Debts"),
    "demands": bi("需求", "Demands"),
    "demo": bi("演示环境", "Demonstration"),
    "deposits": bi("文件存证", "Deposits"),
    "evidence": bi("申请存证证书", "Evidence"),
    "exposure": bi("曝光", "Exposure"),
    "experts": bi("专家", "Experts"),
    "digests": bi("推送摘要", "Digests"),
    "imports": bi("批量导入", "Imports"),
    "interests": bi("关注", "Saved searches"),
    "lexicon": bi("名称对照表", "Table of names"),
    "invitations": bi("成员邀请", "Invitations"),
    "matches": bi("匹配", "Matches"),
    "me": bi("本人", "The caller"),
    "milestones": bi("里程碑", "Milestones"),
    "notices": bi("通知", "Notices"),
    "organisations": bi("单位", "Organisations"),
    "payouts": bi("付款", "Payouts"),
    "pledges": bi("认筹", "Pledges"),
    "pools": bi("引导基金", "Matching pools"),
    "portfolio": bi("出资组合", "Portfolio"),
    "revenue-reports": bi("收益申报", "Revenue reports"),
    "signing-keys": bi("签名密钥", "Signing keys"),
    "staff": bi("平台人员", "Staff"),
    "suitability": bi("适当性评估", "Suitability"),
    "teams": bi("团队", "Teams"),
    "terms": bi("条款", "Terms"),
    "timestamps": bi("可信时间戳", "Time-stamps"),
    "wallet": bi("钱包", "Wallet"),
}


@dataclass(frozen=True, slots=True)
class Field:
    """One parameter or one field of a body: its name, type, whether it must be given, and what it means."""

    name: str
    type: str
    required: bool
    words: str
    place: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """One status code with the fields of its body."""

    status: str
    words: str
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one address."""

    id: str
    method: str
    path: str
    summary: str
    words: str
    parameters: tuple[Field, ...]
    body: tuple[Field, ...]
    answers: tuple[Answer, ...]
    open: bool

    @property
    def curl(self) -> str:
        """Return a command that a reader can copy; the key and the body are theirs to fill in."""
        parts = ["curl"]
        if self.method != "GET":
            parts.append(f"-X {self.method}")
        if not self.open:
            parts.append("-H 'Authorization: Bearer $KEY'")
        if self.body:
            parts.append("-H 'Content-Type: application/json' -d @body.json")
        return " ".join([*parts, f"$SITE{self.path}"])


@dataclass(frozen=True, slots=True)
class Chapter:
    """The operations that share a tag."""

    name: str
    operations: tuple[Operation, ...]

    @property
    def title(self) -> str:
        """The resource's name in the reader's language."""
        return str(TITLES.get(self.name, self.name))


@require_safe
def documentation(request: HttpRequest) -> HttpResponse:
    """Show every address of the API with its fields and answers, in the reader's language."""
    return render(request, "config/documentation.html", {"chapters": chapters(get_language() or "zh-hans")})


class ApiDocument(SpectacularAPIView):
    """The OpenAPI document, made once per language, form and process: it takes a second, and anybody may ask for it."""

    def _get_schema_response(self, request: Request) -> HttpResponse:
        language = "en" if (get_language() or "").startswith("en") else "zh-hans"
        renderer = request.accepted_renderer
        return HttpResponse(
            rendered(language, renderer.format),
            content_type=renderer.media_type,
            headers={"Content-Disposition": f'inline; filename="jinqiao-api.{renderer.format}"'},
        )


@lru_cache(maxsize=4)
def rendered(language: str, form: str) -> bytes:
    """Return the document in one language as JSON or YAML."""
    renderer = OpenApiJsonRenderer() if "json" in form else OpenApiYamlRenderer()
    with override(language):
        document: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]  # left untyped
        return bytes(renderer.render(document, renderer_context={}))


@lru_cache(maxsize=4)
def chapters(language: str) -> tuple[Chapter, ...]:
    """Read the OpenAPI document into chapters; made once per language and process, since code does not change while it runs."""
    document: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]  # left untyped
    reader = Reader(document)
    found: dict[str, list[Operation]] = {}
    for operation, tag in reader.operations():
        found.setdefault(tag, []).append(operation)
    return tuple(Chapter(name=tag, operations=tuple(operations)) for tag, operations in sorted(found.items()))


class Reader:
    """Follows references inside one OpenAPI 3.1 document."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document
        self.schemas: dict[str, Any] = document.get("components", {}).get("schemas", {})

    def operations(self) -> Iterator[tuple[Operation, str]]:
        for path, item in self.document["paths"].items():
            for method in METHODS:
                if method in item:
                    raw = item[method]
                    yield self._operation(method, path, raw), (raw.get("tags") or ["api"])[0]

    def _operation(self, method: str, path: str, raw: dict[str, Any]) -> Operation:
        summary, _, words = str(raw.get("description", "")).strip().partition("\n")
        return Operation(
            id=raw["operationId"],
            method=method.upper(),
            path=path,
            summary=str(raw.get("summary") or summary),
            words=(words if not raw.get("summary") else str(raw.get("description", ""))).strip(),
            parameters=tuple(self._parameter(parameter) for parameter in raw.get("parameters", ())),
            body=self._fields(_content(raw.get("requestBody", {}))),
            answers=tuple(
                Answer(status=status, words=str(answer.get("description", "")), fields=self._fields(_content(answer)))
                for status, answer in sorted(raw.get("responses", {}).items())
            ),
            open={} in raw.get("security", [{}]),
        )

    def _parameter(self, raw: dict[str, Any]) -> Field:
        return Field(
            name=raw["name"], type=self._type(raw.get("schema", {})), required=bool(raw.get("required")),
            words=str(raw.get("description", "")), place=raw["in"],
        )  # fmt: skip

    def _fields(self, schema: dict[str, Any]) -> tuple[Field, ...]:
        schema = self._follow(schema)
        if schema.get("type") == "array":
            schema = self._follow(schema.get("items", {}))
        required = schema.get("required", ())
        return tuple(
            Field(name=name, type=self._type(field), required=name in required, words=self._words(field))
            for name, field in schema.get("properties", {}).items()
        )

    def _words(self, schema: dict[str, Any]) -> str:
        return str(schema.get("description") or schema.get("title") or "")

    def _type(self, schema: dict[str, Any]) -> str:
        if "$ref" in schema:
            target = self._follow(schema)
            return self._type(target) if "enum" in target else schema["$ref"].rpartition("/")[2]
        for several in ("oneOf", "anyOf", "allOf"):
            if several in schema:
                return " | ".join(dict.fromkeys(self._type(one) for one in schema[several]))
        if "enum" in schema:
            return " | ".join(str(value) for value in schema["enum"])
        if schema.get("type") == "array":
            return f"{self._type(schema.get('items', {}))}[]"
        kind = schema.get("type", "any")
        name = " | ".join(kind) if isinstance(kind, list) else str(kind)
        return f"{name} ({schema['format']})" if "format" in schema else name

    def _follow(self, schema: dict[str, Any]) -> dict[str, Any]:
        while "$ref" in schema:
            schema = self.schemas.get(schema["$ref"].rpartition("/")[2], {})
        return schema


def _content(holder: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a body, whatever its media type."""
    for content in holder.get("content", {}).values():
        schema: dict[str, Any] = content.get("schema", {})
        return schema
    return {}
