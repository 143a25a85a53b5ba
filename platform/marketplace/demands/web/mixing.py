"""The pages of learned mixes, for administrators of the whole platform: what was learned, and which one is used."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from marketplace.common.actor import Actor, signed_in
from marketplace.common.errors import NotFound
from marketplace.common.text import bi
from marketplace.demands.services.mixing import LONGEST_REASON, mix_switch, require_administrator
from marketplace.web.form_pages import form_page
from marketplace.web.navigation import localised
from matching.app.services import mixing
from matching.app.services.mixing import Gate, Version

HOME = "/mixes/"
FIXED = 0
# What a class of words is called: the part of the demand, the kind of word, and how many of the documents hold it.
_WORDS = {
    "title": bi("标题", "title"),
    "body": bi("正文", "text"),
    "keywords": bi("关键词", "keywords"),
    "single": bi("单字", "single characters"),
    "pair": bi("双字", "pairs of characters"),
    "word": bi("词", "words"),
    "beginning": bi("词首", "beginnings of words"),
    "sequence": bi("相邻词", "two words in a row"),
    "other name": bi("别名", "other names"),
    "common": bi("常见", "common"),
    "usual": bi("一般", "usual"),
    "rare": bi("少见", "rare"),
}


class ReasonForm(forms.Form):
    """Why another mix is used."""

    reason = forms.CharField(
        label=bi("理由", "Reason"),
        max_length=LONGEST_REASON,
        help_text=bi("全平台管理员可见；账本上只有它的承诺值。", "Read by administrators; the ledger holds a commitment to it."),
    )


@require_safe
def mix_list(request: HttpRequest) -> HttpResponse:
    """Every kept mix with its figures beside the fixed mix's, what the gate asks, and how the mix in force changed."""
    _administrator(request)
    gate, kept = mixing.gate(), mixing.mixes()
    context = {
        "gate": gate,
        "least_chance": f"{gate.most_chance:g}",
        "used": next((one for one in kept if one.in_force), None),
        "rows": [_row(one, gate) for one in kept],
        "switches": mixing.switches(),
        "fixed_url": _switch_url(FIXED),
        "ledger_url": localised("/ledger/?type=mix#entries"),
    }
    return render(request, "demands/mixes.html", context)


def mix_change(request: HttpRequest, number: int) -> HttpResponse:
    """Use a learned mix by its number, or the fixed one (0)."""
    actor = _administrator(request)
    chosen = mixing.mix(number)
    if chosen is None and number != FIXED:
        raise NotFound

    def save(fields: dict[str, Any]) -> str:
        mix_switch(actor=actor, version=number or None, reason=fields["reason"])
        messages.success(request, bi("已生效：下一次匹配即用。", "In force: the next match uses it."))
        return HOME

    heading, intro = bi("改用固定权重", "Use the fixed mix"), bi("不再使用学得的权重。", "No learned mix is used any more.")
    if chosen:
        heading = bi(f"启用第 {number} 组权重", f"Use mix {number}")
        intro = bi(
            f"nDCG@10 {chosen.learned:.4f}，固定权重 {chosen.fixed:.4f}。只改变需求所得结果的次序，不改变条件。",
            f"nDCG@10 {chosen.learned:.4f}, the fixed mix {chosen.fixed:.4f}. It orders what demands find; conditions stay.",
        )
    form = ReasonForm(request.POST or None)
    return form_page(request, form, save, heading=heading, back=HOME, intro=intro, submit=bi("启用", "Switch"))


def _row(one: Version, gate: Gate) -> dict[str, Any]:
    return {
        "mix": one,
        "fixed": f"{one.fixed:.4f}",
        "learned": f"{one.learned:.4f}",
        "difference": f"{one.learned - one.fixed:+.4f}".replace("-", "−"),
        "chance": f"{one.chance:.4f}",
        "sources": [bi("用户选择", "what people chose") if name == "signals" else name for name in one.sources],
        "factors": [(_named(name), factor) for name, factor in sorted(one.factors.items(), key=lambda one: (-abs(one[1] - 1000), one[0]))],
        "lacks": [] if one.holds else _lacks(one, gate),
        "url": _switch_url(one.number),
    }


def _named(class_: str) -> str:
    """What a class is called by whoever reads the page; what only another version of the program knows keeps its name."""
    part, _, rest = class_.partition(" ")
    kind, _, band = rest.rpartition(" ")
    return " · ".join(str(_WORDS.get(name, name)) for name in (part, kind, band))


def _lacks(one: Version, gate: Gate) -> list[Any]:
    """Which of the gate's conditions a mix misses."""
    told = (
        (one.learned > one.fixed, bi("不高于固定权重", "not better")),
        (one.chance < gate.most_chance, bi("可能是偶然", "may be chance")),
        (one.demands >= gate.least_demands, bi("需求太少", "too few demands")),
        (one.pairs >= gate.least_pairs, bi("判断太少", "too few pairs")),
    )
    return [words for met, words in told if not met]


def _switch_url(number: int) -> str:
    return localised(f"{HOME}{number}/switch/")


def _administrator(request: HttpRequest) -> Actor:
    actor = signed_in(request)
    require_administrator(actor)
    return actor
