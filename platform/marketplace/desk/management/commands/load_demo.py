"""Fill an empty platform with the demonstration world."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from marketplace.accounts.models import Organisation
from marketplace.desk.services import demo_deals, demo_market, demo_people

DEALS = 4


class Command(BaseCommand):
    help = "Play the demonstration world through the services, beside a running stack; print one login per role."

    def handle(self, *args: Any, **options: Any) -> None:
        if not getattr(settings, "DEMO_LOGINS", False):
            raise CommandError("Demonstration logins exist only under the demonstration's settings.")
        if Organisation.objects.exists():
            raise CommandError("There is data already: `make demo-reset` begins anew.")
        cast = demo_people.arrive()
        self._say("单位与人员 organisations and people")
        teams = demo_market.bring_supply(cast)
        self._say("团队与成果 teams and achievements")
        rows = demo_market.lines("demands.jsonl")[:DEALS]
        begun = demo_deals.begin(cast, teams, rows)
        demo_market.post_demands(cast)
        demo_deals.top_up(cast)
        self._say("需求、投标与充值 demands, bids and top-ups")
        for demand in begun[: DEALS - 1]:
            demo_deals.award(cast, demand)
        self._say("开标与公示 opening and publicity")
        first = demo_deals.raise_funds(cast, begun[0], share=40, seconds=12, pledged=100)
        second = demo_deals.raise_funds(cast, begun[1], share=50, seconds=12, pledged=100)
        demo_deals.raise_funds(cast, begun[2], share=60, seconds=12 * 86_400, pledged=70)
        self._say("认筹 pledges")
        for number, (demand, campaign) in enumerate(((begun[0], first), (begun[1], second))):
            agreement = demo_deals.sign_and_fund(cast, demand, campaign)
            demo_deals.deliver(cast, agreement, ordinal=1, accept=True)
            demo_deals.deliver(cast, agreement, ordinal=2, accept=number == 0)
        self._say("签约、托管与验收 agreements, escrow and acceptance")
        for role, email in cast.logins:
            self.stdout.write(f"  {role:<24} {email:<44} {demo_people.PASSWORD}")

    def _say(self, what: str) -> None:
        self.stderr.write(f"    · {what}")
