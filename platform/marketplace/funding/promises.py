"""No campaign text may promise the principal or a return, in either language; a denial of such a promise may stand.

The rule follows the ban on promising principal or minimum return when funds are raised (Interim
Measures for the Supervision of Private Investment Funds, article 15). Only a denial that stands
directly at the words counts, and one that is itself denied (「不是不保本」) counts as the promise it is.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from marketplace.common.errors import Invalid
from marketplace.common.text import bi

MOST_FINDINGS = 50
# A denial stands directly at the words, so no search for one looks further back: the work grows with the text, not with its square.
DENIAL_REACH = 100
_NEAR = r"[^,。;!?]"
_CHINESE = {
    "principal": rf"保本保息|保本|保息|保底|兜底|刚性兑付|刚兑|还本付息|回购承诺|承诺回购|本息{_NEAR}{{0,4}}(保证|保障|担保|无忧|安全)|"
    rf"(保证|承诺|确保|担保){_NEAR}{{0,6}}(本金|本息)|本金{_NEAR}{{0,4}}(保证|保障|担保|无忧|安全)",
    "return": rf"(保证|承诺|确保|担保|固定|稳定){_NEAR}{{0,6}}(收益|回报|利润|利息)|(收益|回报){_NEAR}{{0,4}}(保证|保障|担保|无忧)|"
    rf"保收益|(预期|预计|年化){_NEAR}{{0,4}}(收益|回报)率?|稳赚不赔|稳赚|包赚|保赚|只赚不赔|旱涝保收|稳赢",
    "risk": r"零风险|无任何风险|没有任何风险|没有风险|毫无风险|无风险",
}
_MONEY = r"(returns?|yields?|profits?|interest|income|principal|capital|investment)"
_SURE = r"(guarantee[ds]?|assured?|promise[ds]?|fixed|protected|secured?)"
_ENGLISH = {
    "return": rf"{_SURE}\s+(\w+\s+){{0,2}}{_MONEY}|{_MONEY}[\s-]+(\w+\s+){{0,3}}{_SURE}|cannot\s+lose|money[\s-]+back|"
    r"(annual|annuali[sz]ed|expected)\s+(rate\s+of\s+)?(returns?|yields?)",
    "risk": r"risk[\s-]+free|(no|zero|without)\s+(any\s+)?risks?",
}
# What denies: a negation, then at most the verb or article that joins it to the words.
_CHINESE_DENIAL = re.compile(
    r"(不存在|不构成|不包含|不提供|不得|不能|不会|不作|不做|不予|不是|并非|绝非|没有|不|未|无|非|禁止|严禁)"
    r"(作出|作|做|提供|构成|存在|包含|有)?(任何)?(对|关于)?(承诺|保证|担保|宣传|约定|许诺|以)?(任何|有)?"
    r"((本金|本息|收益|回报|利息)(或|和|及|与|、))*$"
)
_CHINESE_INSIDE = re.compile(r"(不|未|无法|没有)(作|做|予|受|能|会|提供|构成|获得)?(任何)?(保证|保障|担保|承诺)$")
_CHINESE_AGAIN = re.compile(r"(不是|并非|绝非|没有|不得|不能|不会|不可能|无不|非|难道|岂|何尝|莫)$")
_JOIN = r"((any|a|an|the|be|is|are|of|as|that|such|promise|promises|offer|offers|give|gives|provide|provides|guarantee|guarantees)\s+)*"
_ENGLISH_NO = r"\b(no|not|never|nor|neither|without|cannot|don't|doesn't|isn't|aren't|nobody|nothing)"
_ENGLISH_DENIAL = re.compile(rf"({_ENGLISH_NO}|\b(nor|neither)(\s+\w+){{1,3}})\s+{_JOIN}$", re.IGNORECASE)
_ENGLISH_INSIDE = re.compile(rf"\b(not|never|nor|neither)\s+(be\s+)?{_SURE}$", re.IGNORECASE)
_ENGLISH_AGAIN = re.compile(r"\b(no|not|never|nobody|nothing|cannot)\s+((is|are|be|say|says)\s+)?$", re.IGNORECASE)

_ADVICE = {
    "principal": (
        "请写明失败时会怎样，例如「未达标全部解冻；协议终止时退回未支付的部分，已支付的不退」。",
        "Say what happens on failure, such as “under the minimum every hold is released; on termination only the unpaid part returns”.",
    ),
    "return": (
        "请写明资金用途和取得收入后怎样分成，例如「取得收入后按协议约定的比例分成，可能没有收入」。",
        "Say what the money is for and how revenue is shared, such as “revenue, if there is any, is shared as the agreement says”.",
    ),
    "risk": (
        "请写出具体的风险，例如「台架试验未通过时工期可能延后 4 个月」。",
        "Name the risks, such as “if the bench test fails, delivery may be four months late”.",
    ),
}


class PromisesReturn(Invalid):
    code = "promises_return"
    title = bi("募资说明不得承诺本金或收益", "A campaign may not promise the principal or a return")


@dataclass(frozen=True, slots=True)
class Finding:
    """Words that promise, and which kind of promise they are."""

    words: str
    kind: str

    @property
    def told(self) -> Any:
        """The finding in a sentence or two for its writer."""
        zh, en = _ADVICE[self.kind]
        return bi(
            f"「{self.words}」是对本金或收益的承诺，不得出现。{zh}", f"“{self.words}” promises principal or return and may not stand. {en}"
        )


def findings(text: str) -> list[Finding]:
    """What a text promises, in order of kind and place, each wording once; the first 50 of either language."""
    plain = re.sub(r"\s+", " ", unicodedata.normalize("NFKC", text).replace("\u2019", "'"))
    chinese = plain.replace(" ", "")
    return [*_search(chinese, _CHINESE, _denied_in_chinese), *_search(plain, _ENGLISH, _denied_in_english)]


def found_in(text: str) -> list[str]:
    """The words of a text that promise the principal or a return."""
    return [finding.words for finding in findings(text)]


def check(texts: Mapping[str, str]) -> None:
    """Refuse texts by field name that promise anything, naming the words and how to write instead. Raises PromisesReturn."""
    fields: dict[str, list[Any]] = {}
    words: list[str] = []
    for name, text in texts.items():
        if found := findings(text):
            fields[name] = [finding.told for finding in found]
            words += [finding.words for finding in found]
    if fields:
        raise PromisesReturn(next(iter(fields.values()))[0], fields=fields, words=words)


def _search(text: str, kinds: Mapping[str, str], denied: Callable[[str, int, str], bool]) -> Iterator[Finding]:
    return islice(_each_once(text, kinds, denied), MOST_FINDINGS)


def _each_once(text: str, kinds: Mapping[str, str], denied: Callable[[str, int, str], bool]) -> Iterator[Finding]:
    seen = set()
    for kind, pattern in kinds.items():
        edge = "" if kinds is _CHINESE else r"\b"
        for match in re.finditer(f"{edge}({pattern}){edge}", text, re.IGNORECASE):
            words = match.group()
            if words not in seen and not denied(text, match.start(), words):
                seen.add(words)
                yield Finding(words, kind)


def _denied_in_chinese(text: str, start: int, words: str) -> bool:
    denial = _ends_at(_CHINESE_DENIAL, text, start)
    if denial is not None:
        return _ends_at(_CHINESE_AGAIN, text, denial.start()) is None
    inside = _CHINESE_INSIDE.search(words)
    return inside is not None and _ends_at(_CHINESE_AGAIN, text, start + inside.start()) is None


def _denied_in_english(text: str, start: int, words: str) -> bool:
    denial = _ends_at(_ENGLISH_DENIAL, text, start)
    if denial is not None:
        return _ends_at(_ENGLISH_AGAIN, text, denial.start()) is None
    inside = _ENGLISH_INSIDE.search(words)
    return inside is not None and _ends_at(_ENGLISH_AGAIN, text, start + inside.start()) is None


def _ends_at(pattern: re.Pattern[str], text: str, end: int) -> re.Match[str] | None:
    return pattern.search(text, max(0, end - DENIAL_REACH), end)
