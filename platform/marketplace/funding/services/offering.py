"""What a campaign offers: the terms of its instrument, and what its money is spent on."""

from collections.abc import Mapping, Sequence
from typing import Any

from marketplace.common import hashing
from marketplace.common.errors import Invalid
from marketplace.common.money import yuan
from marketplace.common.text import bi
from marketplace.funding import terms
from marketplace.funding.models import MOST_LINES, Campaign, PlanLine, SpendingCategory

_NEEDED = bi("必填", "Needed")
_LONGEST = {"purpose_zh": 120, "purpose_en": 200}
_MOST_FEN = 10**15


def write_terms(campaign: Campaign, given: Mapping[str, Any]) -> None:
    """Give a draft the terms of one instrument, with their hash. Raises Invalid with a sentence for each `terms.<name>`."""
    campaign.terms = terms.cleaned(given)
    campaign.instrument = campaign.terms["instrument"]
    campaign.terms_sha256 = terms.hash_of(campaign.terms)


def write_use_of_funds(campaign: Campaign, given: Sequence[Mapping[str, Any]]) -> None:
    """Put these lines in the place of a draft's present ones. Raises Invalid with a sentence for each `use_of_funds.<place>.<name>`.

    A draft's lines need not sum to anything yet: `faults_of` is asked at submission.
    """
    faults: dict[str, list[Any]] = {}
    if len(given) > MOST_LINES:
        faults["use_of_funds"] = [bi(f"最多 {MOST_LINES} 项。", f"At most {MOST_LINES} lines.")]
    for place, line in enumerate(given[:MOST_LINES]):
        faults |= {f"use_of_funds.{place}.{name}": [told] for name, told in _faults_of_line(line).items()}
    if faults:
        raise Invalid(next(iter(faults.values()))[0], fields=faults)
    campaign.use_of_funds.all().delete()
    PlanLine.objects.bulk_create(
        PlanLine(
            campaign=campaign,
            ordinal=ordinal,
            category=line["category"],
            purpose_zh=line.get("purpose_zh", "").strip(),
            purpose_en=line.get("purpose_en", "").strip(),
            fen=line["fen"],
        )
        for ordinal, line in enumerate(given, start=1)
    )


def faults_of(campaign: Campaign) -> dict[str, list[Any]]:
    """What a campaign lacks before it may be reviewed: terms, and lines that sum exactly to its optimum."""
    faults: dict[str, list[Any]] = {}
    if not campaign.terms:
        faults["terms"] = [terms.INCOMPLETE]
    lines = list(campaign.use_of_funds.all())
    planned = sum(line.fen for line in lines)
    if not lines:
        faults["use_of_funds"] = [bi("请填写资金用途。", "Say what the money is spent on.")]
    elif planned != campaign.optimum_fen:
        have, want = yuan(planned), yuan(campaign.optimum_fen)
        faults["use_of_funds"] = [
            bi(
                f"资金用途合计 {have} 元，须等于最优目标 {want} 元。",
                f"The use of funds is {have} yuan in all; it must be the optimum of {want}.",
            )
        ]
    return faults


def texts_of(campaign: Campaign) -> dict[str, str]:
    """Everything written freely in the terms and in the use of funds, by the name of its field."""
    found = terms.texts_of(campaign.terms)
    for line in campaign.use_of_funds.order_by("ordinal"):
        place = f"use_of_funds.{line.ordinal - 1}"
        found |= {f"{place}.purpose_zh": line.purpose_zh, f"{place}.purpose_en": line.purpose_en}
    return found


def committed(campaign: Campaign) -> dict[str, str]:
    """What the ledger commits to of the offer: the instrument and the hashes of its terms and of its use of funds."""
    lines = [
        {"category": line.category, "purpose_zh": line.purpose_zh, "purpose_en": line.purpose_en, "fen": line.fen}
        for line in campaign.use_of_funds.order_by("ordinal")
    ]
    return {
        "instrument": campaign.instrument,
        "terms_sha256": campaign.terms_sha256,
        "use_of_funds_sha256": hashing.sha256_of(lines),
    }


def _faults_of_line(line: Mapping[str, Any]) -> dict[str, Any]:
    faults: dict[str, Any] = {}
    if line.get("category") not in SpendingCategory.values:
        known = ", ".join(SpendingCategory.values)
        faults["category"] = bi(f"请选择类别：{known}。", f"Choose a category: {known}.")
    for name, longest in _LONGEST.items():
        text = line.get(name, "")
        if not isinstance(text, str) or len(text.strip()) > longest:
            faults[name] = bi(f"须为最多 {longest} 字的文字。", f"A text of at most {longest} characters.")
    if not (faults.keys() & _LONGEST.keys()) and not any(line.get(name, "").strip() for name in _LONGEST):
        faults["purpose_zh"] = bi("请填写用途（中文或英文）。", "Write the purpose, in Chinese or in English.")
    fen = line.get("fen")
    if fen is None:
        faults["fen"] = _NEEDED
    elif not isinstance(fen, int) or isinstance(fen, bool) or not 0 < fen <= _MOST_FEN:
        faults["fen"] = bi("金额须大于零，以分计。", "The amount is positive, in whole fen.")
    return faults
