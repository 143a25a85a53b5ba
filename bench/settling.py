"""How long it takes to settle a campaign of many pledges, stopped in the middle and gone on with by another run."""

import time

from figures import Figures


def measure(figures: Figures, pledges: int) -> None:
    """Close one campaign; each of its steps is a transaction of at most 500 pledges, checked before the next."""
    from marketplace.funding.models import Campaign  # noqa: PLC0415 - after set_up()
    from marketplace.funding.services import closing  # noqa: PLC0415
    from tests.factories import closing as crowds  # noqa: PLC0415

    figures.tell(f"making a campaign of {pledges:,} pledges")
    campaign = crowds.crowd(pledges)
    begun, worked = time.perf_counter(), time.process_time()
    run = closing.close(campaign=campaign)
    for done in run:
        if done.captured_fen >= done.held_fen and done.captured_fen:
            break
    run.close()
    *_, last = closing.close(campaign=Campaign.objects.get(pk=campaign.pk))
    spent, at_work = time.perf_counter() - begun, time.process_time() - worked
    captured = last.pledges.filter(state="captured").count()
    if (last.state, captured) != ("funded", pledges):
        raise RuntimeError(f"the campaign is {last.state} with {captured:,} of {pledges:,} pledges captured")
    figures.take(f"settlement of {pledges:,} pledges, in two runs", spent, "s")
    figures.take("of these at work in the process itself, a pledge", 1000 * at_work / pledges, "CPU ms")
