"""No campaign text may promise the principal or a return, in either language.

The rule follows the ban on promising principal or minimum return when funds are raised
(Interim Measures for the Supervision of Private Investment Funds, article 15). A denial is found as
well: the risk statement says it already, and a check that understood denials could be talked round.
"""

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from marketplace.common.errors import Invalid
from marketplace.common.text import bi

_CHINESE = re.compile(
    r"保本|保息|保底|保收益|刚性兑付|刚兑|稳赚|包赚|零风险|无风险|无任何风险|旱涝保收|还本付息|"
    r"(保证|承诺|确保|担保|固定|稳定)[^,。;!?]{0,6}(收益|回报|利润|利息|本金)|"
    r"(本金|收益|回报)[^,。;!?]{0,4}(保证|保障|担保|无忧|安全)|"
    r"(预期|预计|年化)[^,。;!?]{0,4}(收益|回报)率?"
)
_MONEY = r"(returns?|yields?|profits?|interest|income|principal|capital|investment)"
_SURE = r"(guarantee[ds]?|assured?|promise[ds]?|fixed|protected)"
_ENGLISH = re.compile(
    rf"\b{_SURE}\s+(\w+\s+){{0,2}}{_MONEY}\b|\b{_MONEY}[\s-]+(\w+\s+){{0,2}}{_SURE}\b|"
    r"\brisk[\s-]+free\b|\b(no|zero|without)\s+(any\s+)?risks?\b|\bcannot\s+lose\b|\bmoney[\s-]+back\b|"
    r"\b(annual|annuali[sz]ed|expected)\s+(rate\s+of\s+)?(returns?|yields?)\b",
    re.IGNORECASE,
)


class PromisesReturn(Invalid):
    code = "promises_return"
    title = bi("募资说明不得承诺本金或收益", "A campaign may not promise the principal or a return")


def found_in(text: str) -> list[str]:
    """The words of a text that promise the principal or a return, in order, each once."""
    plain = unicodedata.normalize("NFKC", text)
    chinese = [match.group() for match in _CHINESE.finditer(re.sub(r"\s+", "", plain))]
    english = [match.group() for match in _ENGLISH.finditer(plain)]
    return list(dict.fromkeys([*chinese, *english]))


def check(texts: Mapping[str, str]) -> None:
    """Refuse texts by field name that promise anything, naming the words. Raises PromisesReturn."""
    fields: dict[str, list[Any]] = {}
    words: list[str] = []
    for name, text in texts.items():
        hits = found_in(text)
        if hits:
            listed = "、".join(hits)
            fields[name] = [
                bi(
                    f"请删去或改写「{listed}」：不得承诺本金或收益，否定的说法也不必写，风险揭示书已载明。",
                    f"Take out or reword “{listed}”: neither principal nor return may be promised, and denials are not needed either, "
                    "since the risk statement makes them.",
                )
            ]
            words += hits
    if fields:
        raise PromisesReturn(next(iter(fields.values()))[0], fields=fields, words=words)
