"""The suitability questionnaire by version: what an institution is asked, and what its answers amount to.

The platform knows its funders before it lets them take a risk, and asks anew when the answer is old
(Measures for the Suitability Management of Securities and Futures Investors, articles 3 and 10).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from marketplace.common.errors import Invalid
from marketplace.common.text import bi

VERSION = "2026-1"


@dataclass(frozen=True, slots=True)
class Option:
    """One answer with its points; `excludes` says that whoever gives it may not pledge, whatever the rest."""

    key: str
    label: Any
    points: int
    excludes: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    key: str
    label: Any
    options: tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class Questionnaire:
    """Questions and the points from which on an institution is suitable."""

    questions: tuple[Question, ...]
    needed: int

    @property
    def most(self) -> int:
        return sum(max(option.points for option in question.options) for question in self.questions)


@dataclass(frozen=True, slots=True)
class Assessment:
    """What answers amount to; `excluded` names the questions whose answer alone decides."""

    points: int
    suitable: bool
    excluded: tuple[str, ...]


_FIRST = Questionnaire(
    needed=15,
    questions=(
        Question(
            "source",
            bi("出资的来源", "Where the money comes from"),
            (
                Option("own", bi("自有资金", "Our own funds"), 4),
                Option("managed", bi("受托管理且合同允许此类投资", "Funds we manage whose contracts allow it"), 3),
                Option("borrowed", bi("借款或向不特定对象募集", "Loans, or money raised from the public"), 0, excludes=True),
            ),
        ),
        Question(
            "loss",
            bi("可承受的损失", "The loss we can bear"),
            (
                Option("whole", bi("全部出资", "The whole amount"), 4),
                Option("half", bi("一半左右", "About half of it"), 2),
                Option("none", bi("不能承受损失", "None"), 0, excludes=True),
            ),
        ),
        Question(
            "experience",
            bi("投资科技项目的年限", "Years of funding technology projects"),
            (
                Option("long", bi("五年以上", "Over five"), 4),
                Option("some", bi("二至五年", "Two to five"), 3),
                Option("little", bi("不足二年", "Under two"), 1),
            ),
        ),
        Question(
            "horizon",
            bi("资金可以等待的时间", "How long the money can wait"),
            (
                Option("long", bi("五年以上", "Over five years"), 4),
                Option("middle", bi("三至五年", "Three to five years"), 3),
                Option("short", bi("不足三年", "Under three years"), 1),
            ),
        ),
        Question(
            "share",
            bi("单个项目占净资产", "One project's share of our net assets"),
            (
                Option("small", bi("不超过 1%", "Up to 1 %"), 4),
                Option("middle", bi("1% 至 5%", "1 % to 5 %"), 3),
                Option("large", bi("超过 5%", "Over 5 %"), 1),
            ),
        ),
        Question(
            "understanding",
            bi("里程碑验收后已支付的款项", "Money paid after a milestone's acceptance"),
            (
                Option("gone", bi("不再退回，我们知道", "Does not come back, and we know it"), 4),
                Option("returns", bi("项目失败时应当退回", "Should come back when the project fails"), 0, excludes=True),
            ),
        ),
    ),
)

QUESTIONNAIRES: dict[str, Questionnaire] = {"2026-1": _FIRST}


def assess(version: str, answers: Mapping[str, str]) -> Assessment:
    """The points of complete answers, and whether they suffice. Raises Invalid naming every question without a valid answer."""
    questionnaire = QUESTIONNAIRES.get(version)
    if questionnaire is None or version != VERSION:
        text = bi(f"问卷版本已更新为 {VERSION}，请重新作答。", f"The questionnaire is now {VERSION}: answer it anew.")
        raise Invalid(text, fields={"version": [text]})
    chosen: dict[str, Option] = {}
    faults: dict[str, list[Any]] = {}
    for question in questionnaire.questions:
        option = next((option for option in question.options if option.key == answers.get(question.key)), None)
        if option is None:
            faults[question.key] = [bi(f"请回答「{question.label}」。", f"Answer “{question.label}”.")]
        else:
            chosen[question.key] = option
    if faults:
        raise Invalid(next(iter(faults.values()))[0], fields=faults)
    points = sum(option.points for option in chosen.values())
    excluded = tuple(key for key, option in chosen.items() if option.excludes)
    return Assessment(points, points >= questionnaire.needed and not excluded, excluded)
