"""What the lists of the catalogue share: what was asked, facets, chips, and pages by keyset."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest

from marketplace.catalogue import selectors
from marketplace.common.codes import industries, regions
from marketplace.common.text import bi
from marketplace.web.navigation import localised

PAGE = 20


def asked_of(request: HttpRequest) -> dict[str, Any]:
    """The words and codes of a list's address; what is not a code is left out."""
    return {
        "q": request.GET.get("q", "")[:200],
        "region_code": [code for code in request.GET.getlist("region_code") if code in regions.PROVINCES or code in regions.REGIONS],
        "industry_code": [code for code in request.GET.getlist("industry_code") if code in industries.DIVISIONS],
    }


def page(request: HttpRequest, rows: QuerySet[Any], *, industry_choices: Sequence[tuple[str, int | None]]) -> dict[str, Any]:
    """One page of a list and everything around it, for web/list.html."""
    asked = asked_of(request)
    rows = selectors.filtered(rows, q=asked["q"], region_codes=asked["region_code"], industry_codes=asked["industry_code"])
    before = _uuid(request.GET.get("before", ""))
    shown = list((rows.filter(pk__lt=before) if before else rows).order_by("-pk")[: PAGE + 1])
    following = _address({**asked, "before": str(shown[PAGE - 1].pk)}) if len(shown) > PAGE else ""
    return {
        "rows": shown[:PAGE],
        "total": rows.count(),
        "query": asked["q"],
        "facets": _facets(asked, industry_choices),
        "chips": _chips(asked),
        "clear_url": request.path,
        "previous_url": _address(asked) if before else "",
        "next_url": following,
    }


def follow_url(request: HttpRequest, *, kind: str) -> str:
    """Where a search for one kind of supply is saved; nothing where nothing was asked."""
    asked = asked_of(request)
    wanted = {"text": asked["q"].strip(), "region_codes": asked["region_code"], "industry_codes": asked["industry_code"]}
    given = {name: value for name, value in wanted.items() if value}
    return localised(f"/interests/new/{_address({'kind': kind, **given})}") if given else ""


def _facets(asked: dict[str, Any], industry_choices: Sequence[tuple[str, int | None]]) -> list[dict[str, Any]]:
    provinces = [(code, bi(zh, en), None) for code, (zh, en) in regions.PROVINCES.items()]
    trades = [(code, industries.name_of(code), count) for code, count in industry_choices]
    return [
        {
            "name": name,
            "label": label,
            "choices": [{"value": code, "label": text, "count": count, "checked": code in asked[name]} for code, text, count in choices],
        }
        for name, label, choices in (
            ("region_code", bi("地区", "Region"), provinces),
            ("industry_code", bi("行业", "Industry"), trades),
        )
        if choices
    ]


def _chips(asked: dict[str, Any]) -> list[dict[str, Any]]:
    names = {
        "region_code": lambda code: str(bi(*regions.PROVINCES[code])) if code in regions.PROVINCES else regions.name_of(code),
        "industry_code": industries.name_of,
    }
    return [
        {"label": name_of(code), "remove_url": _address({**asked, name: [c for c in asked[name] if c != code]})}
        for name, name_of in names.items()
        for code in asked[name]
    ]


def _address(asked: dict[str, Any]) -> str:
    return f"?{urlencode({name: value for name, value in asked.items() if value}, doseq=True)}"


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
