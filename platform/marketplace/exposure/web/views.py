"""How the last night's places fell to institutions: a page and a file, for administrators."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from marketplace.catalogue.services.newcomers import NEW_DAYS, SMALL
from marketplace.common.actor import signed_in
from marketplace.common.text import bi, pick
from marketplace.exposure import selectors
from marketplace.exposure.selectors import Exposure, Institution
from marketplace.web import charts
from marketplace.web.csv_files import csv_file, safe_cell

ROWS = 50
HEAD = (
    *(bi("编号", "Id"), bi("单位", "Institution"), bi("新", "New"), bi("小", "Small"), bi("已发布", "Published")),
    *(bi("进入前十", "In a top ten"), bi("席位", "Places"), bi("首位", "First places"), bi("保底席位", "Guaranteed places")),
)
NAMES = {"achievement": bi("成果", "Solutions"), "team": bi("团队", "Teams"), "expert": bi("专家", "Experts")}


@require_GET
def exposure_page(request: HttpRequest) -> HttpResponse:
    """Sums, the part of the new and the small, and every institution."""
    corpus = request.GET.get("of", "achievement")
    found = selectors.exposure_of(signed_in(request), corpus)
    page = Paginator(found.institutions, ROWS).get_page(request.GET.get("page"))
    most = max((one.places for one in found.institutions), default=0)
    context = {
        "corpora": [(f"?of={name}", label, name == corpus) for name, label in NAMES.items()],
        "file_url": reverse("exposure-file", args=[corpus]),
        "under_way": _under_way(found.under_way) if found.under_way else None,
        "at": found.at,
        "figures": _figures(found),
        "shares": _shares(found),
        "rows": [(one, _bar(one, most)) for one in page.object_list],
        "new_days": NEW_DAYS,
        "small": SMALL,
        "total": page.paginator.count,
        "previous_url": f"?of={corpus}&page={page.previous_page_number()}" if page.has_previous() else "",
        "next_url": f"?of={corpus}&page={page.next_page_number()}" if page.has_next() else "",
    }
    return render(request, "exposure/exposure.html", context)


@require_GET
def exposure_file(request: HttpRequest, corpus: str) -> HttpResponse:
    """Every institution as CSV."""
    found = selectors.exposure_of(signed_in(request), corpus)
    rows: list[list[object]] = [[str(name) for name in HEAD]]
    for one in found.institutions:
        counts = (one.published, one.shown, one.places, one.first, one.lifted)
        rows.append([str(one.organisation.pk), safe_cell(one.organisation.name), int(one.new), int(one.small), *counts])
    return csv_file(f"exposure-{corpus}", rows)


def _under_way(told: Any) -> dict[str, Any]:
    words = pick(f"已完成 {told.done} / {told.pieces} 块", f"{told.done} of {told.pieces} pieces")
    return {"words": words, "started_at": told.started_at, "bar": charts.stacked_bar(values=[told.share], total=1, title=words, desc="")}


def _percent(part: float, whole: float) -> str:
    return f"{part / whole:.0%}" if whole else "—"


def _figures(found: Exposure) -> list[dict[str, Any]]:
    published, shown, lifted = found.total("published"), found.total("shown"), found.total("lifted")
    return [
        {
            "label": bi("有匹配的需求", "Demands with matches"),
            "value": _percent(found.answered, found.demands),
            "note": bi(f"{found.answered} / {found.demands} 项需求", f"{found.answered} of {found.demands} demands"),
        },
        {
            "label": bi("进入前十的供给", "Supply in a top ten"),
            "value": _percent(shown, published),
            "note": bi(f"{shown} / {published} 项已发布", f"{shown} of {published} published"),
        },
        {
            "label": bi("席位基尼系数", "Gini of places"),
            "value": f"{found.gini:.2f}",
            "note": bi("0 为各单位席位相同", "0: all institutions have equally many"),
        },
        {
            "label": bi("保底席位", "Guaranteed places"),
            "value": f"{lifted:,}",
            "note": bi(f"共 {found.total('places'):,} 席", f"of {found.total('places'):,} places"),
        },
    ]


def _shares(found: Exposure) -> list[dict[str, Any]]:
    """What part of supply, of what is shown and of the places is of new and small institutions."""
    names = (
        ("published", bi("占已发布的供给", "Of what is published")),
        ("shown", bi("占进入前十的供给", "Of what stands in a top ten")),
        ("places", bi("占全部席位", "Of all places")),
    )
    return [
        {
            "label": label,
            "value": f"{found.share(name):.1%}",
            "part": found.total(name, favoured=True),
            "whole": found.total(name),
            "bar": charts.stacked_bar(
                values=[found.share(name), (1 - found.share(name)) if found.total(name) else 0],
                total=1,
                title=f"{label}: {found.share(name):.1%}",
                desc="",
            ),
        }
        for name, label in names
    ]


def _bar(one: Institution, most: int) -> Any:
    return charts.bar(value=one.places, most=most, title="", css="t1" if one.favoured else "t2")
