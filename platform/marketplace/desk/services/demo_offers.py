"""What the demonstration's campaigns offer, and what is said about them."""

from typing import Any

from marketplace.common.actor import Actor
from marketplace.common.money import split
from marketplace.funding.models import Campaign
from marketplace.funding.services import asking, posting
from marketplace.funding.terms import Instrument

TERMS: dict[str, dict[str, Any]] = {
    Instrument.REVENUE_SHARE: {"base": "sales", "share_bp": 500, "cap_bp": 15_000, "years": 5},
    Instrument.LOAN_INTENT: {
        "interest_ceiling_bp": 450,
        "term_months": 36,
        "repayment": "interest_first",
        "security": "ip_pledge",
        "security_note_zh": "以项目形成的发明专利出质，另行登记。",
        "security_note_en": "Patents that come of the project, pledged and registered separately.",
    },
}
# Category, what for, and how many of a hundred parts.
SPENDING = (
    ("testing", "台架试验与第三方检测", "Bench tests and third-party testing", 34),
    ("materials", "样件与材料", "Samples and materials", 26),
    ("staff", "研发人员", "Researchers", 22),
    ("equipment", "设备机时", "Machine hours", 12),
    ("ip", "专利申请与维护", "Patents", 6),
)


def terms_of(instrument: Instrument) -> dict[str, Any]:
    """The demonstration's terms of this instrument."""
    return {"instrument": instrument.value, **TERMS[instrument]}


def use_of_funds(goal: int) -> list[dict[str, Any]]:
    """Lines that sum to so many fen."""
    parts = split(goal, [(category, share) for category, _, _, share in SPENDING])
    return [{"category": category, "purpose_zh": zh, "purpose_en": en, "fen": parts[category]} for category, zh, en, _ in SPENDING]


def talk(campaign: Campaign, *, company: Actor, funder: Actor) -> None:
    """A piece of news, a question with its answer, and one that still waits."""
    posting.update_post(
        campaign=campaign,
        actor=company,
        text_zh="首批样件已完成精加工，台架试验排期在下月第一周。",
        text_en="The first samples are machined; the bench is booked for the first week of next month.",
    )
    asked = asking.question_ask(campaign=campaign, actor=funder, text="台架试验由哪家机构检测，报告何时可以查看？")
    answer = "由具备资质的第三方检测机构承担，报告随第一个里程碑提交验收。"
    asking.question_answer(question=asked, actor=company, answer=answer)
    asking.question_ask(campaign=campaign, actor=funder, text="若样件寿命未达指标，是否安排第二轮试制？")
