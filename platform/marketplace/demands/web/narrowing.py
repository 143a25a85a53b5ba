"""What a reader may ask of matches on a page: the fields of the form, the words of its conditions, and how an address says it."""

from typing import Any

from django.http import QueryDict

from marketplace.common.codes import industries, readiness, regions
from marketplace.common.text import bi, pick
from marketplace.demands.services.corpora import ACHIEVEMENT, EXPERT, TEAM
from marketplace.demands.services.indexing import CORPUS
from marketplace.demands.services.narrowing import INDUSTRY, READINESS, REGION, Narrowing

KINDS = ((ACHIEVEMENT, bi("成果", "Solutions")), (TEAM, bi("团队", "Teams")), (EXPERT, bi("专家", "Experts")))
FIELDS = {REGION: "region_code", INDUSTRY: "industry_code", READINESS: "readiness"}


def asked_in(query: QueryDict) -> Narrowing:
    """The codes and the level that an address names; what is none is left out."""
    level = query.get("readiness", "")
    return Narrowing(
        region_codes=tuple(code for code in query.getlist("region_code") if code in regions.PROVINCES or code in regions.REGIONS),
        industry_codes=tuple(code for code in query.getlist("industry_code") if code in industries.DIVISIONS),
        readiness=int(level) if level in map(str, readiness.TRL9) else None,
    )


def query_of(asked: Narrowing, *, but: str = "") -> dict[str, Any]:
    """What an address says of the reader's own conditions, without one of them."""
    said = {REGION: list(asked.region_codes), INDUSTRY: list(asked.industry_codes), READINESS: asked.readiness}
    return {FIELDS[name]: value for name, value in said.items() if value and name != but}


def labels_of(asked: Narrowing, corpus: str) -> dict[str, str]:
    """Each of the reader's own conditions in words."""
    comma = pick("、", ", ")
    least = pick("成熟度 ≥ TRL ", "TRL at least ") if corpus == ACHIEVEMENT else pick("要求 ≤ TRL ", "Wants TRL at most ")
    return {
        REGION: pick("地区：", "Region: ") + comma.join(map(_region, asked.region_codes)),
        INDUSTRY: pick("行业：", "Industry: ") + comma.join(map(industries.name_of, asked.industry_codes)),
        READINESS: f"{least}{asked.readiness}",
    }


def fields_of(asked: Narrowing, corpus: str) -> list[dict[str, Any]]:
    """The fields of the form, each with what is chosen now; a level of readiness only where it says something."""
    near = [(code, _region(code)) for code in dict.fromkeys((*regions.PROVINCES, *asked.region_codes))]
    trades = [(code, industries.name_of(code)) for code in industries.DIVISIONS]
    fields = [
        _field("region_code", bi("地区", "Region"), near, asked.region_codes),
        _field("industry_code", bi("行业", "Industry"), trades, asked.industry_codes),
    ]
    if corpus != CORPUS:
        fields.insert(0, _field("kind", bi("类别", "Kind"), KINDS, (corpus,), anything=False))
    if corpus in (ACHIEVEMENT, CORPUS):
        label = bi("成熟度至少", "Readiness at least") if corpus == ACHIEVEMENT else bi("成熟度要求至多", "Wants readiness at most")
        fields.append(_field("readiness", label, [(level, f"TRL {level}") for level in readiness.TRL9], (asked.readiness,)))
    return fields


def _field(name: str, label: Any, choices: Any, chosen: Any, *, anything: bool = True) -> dict[str, Any]:
    every = [("", bi("不限", "Any"))] if anything else []
    return {
        "name": name,
        "label": label,
        "choices": [{"value": value, "label": text, "chosen": value in chosen[:1]} for value, text in [*every, *choices]],
    }


def _region(code: str) -> str:
    return str(bi(*regions.PROVINCES[code])) if code in regions.PROVINCES else regions.name_of(code)
