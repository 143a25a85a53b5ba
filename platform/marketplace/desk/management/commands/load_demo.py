"""Fill an empty platform with the demonstration world."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from marketplace.accounts.models import Organisation
from marketplace.desk.services import demo_deals, demo_evidence, demo_interests, demo_market, demo_people, demo_revenue
from marketplace.funding.terms import Instrument

DEALS = 4
FUNDED = 2


class Command(BaseCommand):
    help = "Play the demonstration world through the services, beside a running stack; print one login per role."

    def handle(self, *args: Any, **options: Any) -> None:
        if not getattr(settings, "DEMO_LOGINS", False):
            raise CommandError("Demonstration logins exist only under the demonstration's settings.")
        if Organisation.objects.exists():
            raise CommandError("There is data already: `make demo-reset` begins anew.")
        cast = demo_people.arrive()
        teams = demo_market.publish_teams(cast)
        self._say("单位、人员与团队 organisations, people and teams")
        begun = demo_deals.begin(cast, teams, demo_market.lines("demands.jsonl")[:DEALS])
        demo_deals.top_up(cast)  # what does not wait for the deals is done while their deadlines run
        demo_deals.name_bank_accounts(cast)
        demo_market.bring_achievements(cast)
        deposited = demo_evidence.deposit(cast)
        self._say("投标、充值与成果 bids, top-ups and achievements")
        for demand in begun[: DEALS - 1]:
            demo_deals.award(cast, demand)
        demo_market.post_demands(cast)
        self._say("开标、公示与需求 opening, publicity and demands")
        campaigns = [demo_deals.raise_funds(cast, begun[number], share=40 + 10 * number, pledged=100) for number in range(FUNDED)]
        demo_deals.open_pool(cast)  # after the campaigns whose funders pledge the whole goal: it takes no place from them
        demo_deals.raise_funds(cast, begun[FUNDED], share=60, pledged=70, instrument=Instrument.LOAN_INTENT)
        for campaign in campaigns:
            demo_deals.close(cast, campaign)
        self._say("认筹 pledges")
        agreements = [demo_deals.sign_and_fund(cast, begun[number], campaign) for number, campaign in enumerate(campaigns)]
        for number, agreement in enumerate(agreements):
            demo_deals.deliver(cast, agreement, ordinal=1, accept=True)
            demo_deals.deliver(cast, agreement, ordinal=2, accept=number == 0)
            demo_deals.pay_out(cast, agreement, approvals=2 - number)
        demo_interests.follow(cast)
        demo_revenue.earn(cast, agreements[0])
        demo_evidence.certify(cast, agreements[0], deposited)
        self._say("签约、托管、验收与存证 agreements, escrow, acceptance and evidence")
        for role, email in cast.logins:
            self.stdout.write(f"  {role:<24} {email:<44} {demo_people.PASSWORD}")

    def _say(self, what: str) -> None:
        self.stderr.write(f"    · {what}")
