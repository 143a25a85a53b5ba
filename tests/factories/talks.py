"""What is said about a campaign: news, a question with its answer, and one that waits, each with a word of its own."""

from typing import Any

from marketplace.common.actor import Actor
from marketplace.funding.models import Campaign
from marketplace.funding.services import asking, posting

CANARIES = ("canary-campaign-news", "canary-campaign-asked", "canary-campaign-answered", "canary-campaign-asks")


def talk(campaign: Campaign, *, company: Actor, funder: Actor) -> dict[str, Any]:
    """The update and the question that waits, by their names in the world."""
    news, first, answer, second = CANARIES
    update = posting.update_post(campaign=campaign, actor=company, text_zh=news)
    asking.question_answer(question=asking.question_ask(campaign=campaign, actor=funder, text=first), actor=company, answer=answer)
    return {"campaign_update": update, "campaign_question": asking.question_ask(campaign=campaign, actor=funder, text=second)}
