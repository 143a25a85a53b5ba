"""Close a campaign: say what will happen, or make it happen step by step."""

from argparse import ArgumentParser
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError

from marketplace.common.errors import DomainError
from marketplace.common.money import yuan
from marketplace.common.text import bi
from marketplace.funding.models import Campaign
from marketplace.funding.services import closing


class Command(BaseCommand):
    help = "Close a campaign. Without --apply nothing changes: the prediction is printed. Killed at any step, run it again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("campaign", type=UUID, help="the campaign's id")
        what = parser.add_mutually_exclusive_group()
        what.add_argument("--predict", action="store_true", help="print who pays and who gets back what, pledge by pledge; change nothing")
        what.add_argument("--apply", action="store_true", help="do it; every step is committed and checked before the next")

    def handle(self, *args: Any, **options: Any) -> None:
        campaign = Campaign.objects.filter(pk=options["campaign"]).first()
        if campaign is None:
            raise CommandError(bi("没有这个募资项目。", "There is no such campaign."))
        try:
            foretold = closing.predict(campaign=campaign)
            self._summary(foretold)
            if options["predict"]:
                self._shares(foretold)
            if options["apply"]:
                self._apply(campaign)
        except DomainError as refusal:
            raise CommandError(str(refusal.detail)) from refusal

    def _apply(self, campaign: Campaign) -> None:
        for step, done in enumerate(closing.close(campaign=campaign), start=1):
            figures = bi(
                f"冻结 {yuan(done.held_fen)} 元，已划转 {yuan(done.captured_fen)} 元",
                f"held {yuan(done.held_fen)} yuan, captured {yuan(done.captured_fen)} yuan",
            )
            self.stdout.write(f"✓ {step}. {done.state_label} · {figures}")
        self.stdout.write(self.style.SUCCESS(str(bi("✓ 已关闭，与预测一致。", "✓ Closed as predicted."))))

    def _summary(self, foretold: closing.Prediction) -> None:
        stages = " → ".join(str(stage.label) for stage in (*foretold.stages, foretold.ends))
        self.stdout.write(str(bi(f"阶段：{stages}", f"Stages: {stages}")))
        pays, returns, count = yuan(foretold.pays_fen), yuan(foretold.returns_fen), len(foretold.shares)
        sums = bi(f"认筹 {count} 笔：划转 {pays} 元，解冻 {returns} 元", f"{count} pledges: {pays} yuan captured, {returns} yuan released")
        self.stdout.write(str(sums))
        if foretold.matched_fen:
            added = yuan(foretold.matched_fen)
            self.stdout.write(str(bi(f"引导基金配套：划转 {added} 元", f"From matching pools: {added} yuan captured")))
        if foretold.not_before:
            moment = foretold.not_before.isoformat(timespec="seconds")
            self.stdout.write(str(bi(f"最早可于 {moment} 关闭", f"It can be closed from {moment} at the earliest")))

    def _shares(self, foretold: closing.Prediction) -> None:
        for share in foretold.shares:
            mark = "✓" if share.done else "·"
            added = f"  +{yuan(share.matched_fen)}" if share.matched_fen else ""
            self.stdout.write(f"{mark} {share.pledge}  {yuan(share.pays_fen):>16}  {yuan(share.returns_fen):>16}  {share.funder}{added}")
