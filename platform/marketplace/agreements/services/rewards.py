"""What the law leaves to the inventors of a service achievement, as a hint beside the agreed shares."""

from typing import TYPE_CHECKING

from marketplace.agreements.models import Agreement
from marketplace.agreements.services.document_revenue import percent
from marketplace.common.text import bi

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise


def reward_hint(agreement: Agreement) -> "StrPromise | None":
    """Say so where the inventors have less than half of what they and their institution share; None where they have half or more.

    Source: Law of the PRC on Promoting the Transformation of Scientific and Technological Achievements (2015), article 45:
    where the institution neither has a rule nor agreed otherwise, at least 50 % of the net income from a transfer or
    licence; institutions and universities founded by the state may not set or agree less either.
    """
    inventors, both = agreement.inventor_share_ppm, agreement.inventor_share_ppm + agreement.unit_share_ppm
    if inventors * 2 >= both:
        return None
    part = percent(inventors * 1_000_000 // both)
    if agreement.reward_agreed:
        return bi(
            f"完成人占其与单位所得的 {part}，并注明另有规定或约定。《促进科技成果转化法》第四十五条：国家设立的高校院所的规定或约定，"
            "转让、许可净收入也不得低于 50%。",
            f"The inventors have {part} of what they and their institution share, by rules of its own. Article 45 of the Law on "
            "Promoting the Transformation of Scientific and Technological Achievements: those of the state's universities and "
            "institutes may not be under 50% of the net income from a transfer or licence either.",
        )
    return bi(
        f"完成人占其与单位所得的 {part}。《促进科技成果转化法》第四十五条：单位未规定、也未与科技人员约定的，转让、许可净收入中"
        "用于奖励和报酬的不低于 50%。",
        f"The inventors have {part} of what they and their institution share. Article 45 of the Law on Promoting the Transformation "
        "of Scientific and Technological Achievements: without a rule or an agreement of its own, the institution gives them at "
        "least 50% of the net income from a transfer or licence.",
    )
