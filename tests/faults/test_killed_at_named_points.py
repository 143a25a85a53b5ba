"""A process killed at a named point of a change that moves money: all of it has happened or nothing, and asking again ends it once.

The web worker dies at twelve points of a pledge, of a milestone's release and of a refund, from the first lock to the
answer that is committed and not sent; a worker that closes a campaign dies in each of five stages.
"""

import random
from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

import pytest

from ledger.app.models import Subject
from marketplace.agreements.models import Agreement, Milestone
from marketplace.funding.models import Campaign, Pledge
from marketplace.funding.services import closing, settling
from marketplace.treasury.models import Transfer
from marketplace.treasury.selectors import balance
from marketplace.treasury.services import accounts as books
from tests.factories import accounts, agreements, funding
from tests.factories import closing as crowds
from tests.factories.books import everything_wrong
from tests.factories.killing import killed

pytestmark = [pytest.mark.django_db(transaction=True, databases=["default", "sequencer", "owner"]), pytest.mark.prove]
Size = Callable[[int, int], int]
Point = tuple[str, int]

DOOR, KEY = "marketplace.workflow.performing", "marketplace.common.idempotency"
PLEDGING, SETTLING = "marketplace.funding.services.pledging", "marketplace.funding.services.settling"
TRANSFERRING = "marketplace.treasury.services.transferring"
COMMITTED = "it is committed and not answered"
# Where the process dies: behind which call of which function.
PLEDGE: dict[str, Point] = {
    "the key is taken, nothing else is locked": (f"{KEY}._lock", 1),
    "the campaign is locked": (f"{DOOR}.lock_row", 1),
    "the cap counts it": (f"{PLEDGING}.reserve", 1),
    "the money is held": (f"{TRANSFERRING}.hold", 1),
    "the ledger's intent and the outbox are written": (f"{DOOR}.record", 1),
    COMMITTED: (f"{KEY}.once", 1),
}
RELEASE: dict[str, Point] = {
    "the milestone is locked": (f"{DOOR}.lock_row", 1),
    "the team's part has left the escrow and the fee has not": (f"{TRANSFERRING}.transfer", 1),
    COMMITTED: (f"{KEY}.once", 1),
}
REFUND: dict[str, Point] = {
    "the escrow is emptied and nobody is paid": (f"{TRANSFERRING}.transfer", 1),
    "one of two funders is paid": (f"{SETTLING}.refund_pledge", 1),
    COMMITTED: (f"{KEY}.once", 1),
}
# A closing in batches of a quarter; how many quarters are captured by then.
STAGES: dict[str, tuple[Point, int]] = {
    "while it begins to clear": ((f"{DOOR}.record", 1), 0),
    "when the first batch is posted and not recorded": ((f"{TRANSFERRING}.post_each", 1), 0),
    "between two batches": (("marketplace.funding.services.closing.check", 4), 2),
    "in the middle of the last batch": ((f"{TRANSFERRING}.post_each", 4), 3),
    "when all is captured and the campaign not funded": (("marketplace.funding.services.closing.check", 6), 4),
}


def test_there_are_twelve_points_and_five_stages() -> None:
    assert (len(PLEDGE) + len(RELEASE) + len(REFUND), len(STAGES)) == (12, 5)


def chosen(points: dict[str, Any], at_size: Size, seed: int) -> list[str]:
    """One of them, or each ten times."""
    return [random.Random(seed).choice(sorted(points))] if at_size(1, 0) else [name for name in points for _ in range(10)]


def die_and_ask_again(ask: Callable[[], Any], point: Point, *, happened: Callable[[], bool], committed: bool) -> Any:
    """Ask in a process that dies at the point; nothing has happened unless it was committed; then ask again with the same key."""
    where, call = point
    assert killed(ask, at=where, call=call), f"it never came to {where}"
    assert happened() == committed
    assert everything_wrong() == []
    answer = ask()  # a lock that the dead still held would be 409 for the key, and 503 after three seconds for a row
    assert answer.status_code < 300, answer.json()
    assert answer.has_header("Idempotent-Replayed") == committed
    assert happened()
    return answer


def test_a_pledge_is_made_whole_or_not_at_all(at_size: Size, seed: int) -> None:
    names = chosen(PLEDGE, at_size, seed)
    funders = [funding.funder(10_000) for _ in names]
    campaign = funding.campaign(funders, demand=funding.awarded_demand(price=10_000 * len(names)), **_room_for(len(names)))
    for name, funder in zip(names, funders, strict=True):
        client, body = accounts.api_client(funder), {"campaign": str(campaign.pk), "fen": 10_000, **funding.accepted(campaign)}
        rows = Pledge.objects.filter(organisation=funder)
        die_and_ask_again(
            partial(client.post, "/api/v1/pledges/", body, headers={"Idempotency-Key": "k"}),
            PLEDGE[name],
            happened=rows.exists,
            committed=name == COMMITTED,
        )
        assert (rows.count(), balance(books.wallet(funder.pk)).held_fen) == (1, 10_000)
    campaign.refresh_from_db()
    assert campaign.held_fen == balance(books.campaign_escrow(campaign.pk)).incoming_fen == 10_000 * len(names)


def _room_for(number: int) -> dict[str, int]:
    return {"minimum_fen": 10_000, "optimum_fen": 10_000 * number, "funder_max_fen": 10_000, "max_funders": 200}


def test_a_milestone_is_released_whole_or_not_at_all(at_size: Size, seed: int) -> None:
    for name in chosen(RELEASE, at_size, seed):
        agreement = agreements.active(funding.awarded_demand())
        milestone = agreements.delivered(agreement, 1)
        die_and_ask_again(
            partial(_act, accounts.api_client(agreement.company), "milestones", milestone.pk, "accept", {}),
            RELEASE[name],
            happened=Milestone.objects.filter(pk=milestone.pk, state="released").exists,
            committed=name == COMMITTED,
        )
        assert balance(books.agreement_escrow(agreement.pk)).posted_fen == 0
        assert balance(books.payable(agreement.university_id)).posted_fen == milestone.net_fen


def test_a_refund_reaches_every_funder_or_none(at_size: Size, seed: int) -> None:
    reviewer = accounts.api_client(accounts.staff("reviewer"))
    for name in chosen(REFUND, at_size, seed):
        demand = funding.awarded_demand(price=1_000)
        agreement = agreements.active(demand, agreements.captured(demand, 600, 300))
        pledges = list(Pledge.objects.filter(campaign=agreement.campaign_id))
        die_and_ask_again(
            partial(_act, reviewer, "agreements", agreement.pk, "terminate", {"reason": "mutual", "text": "双方同意。"}),
            REFUND[name],
            happened=Agreement.objects.filter(pk=agreement.pk, state="terminated").exists,
            committed=name == COMMITTED,
        )
        assert [balance(books.wallet(one.organisation_id)).posted_fen for one in pledges] == [one.fen for one in pledges]
        assert balance(books.wallet(agreement.company_id)).posted_fen == 100
        assert Transfer.objects.filter(code="pledge.refund", source=books.campaign_escrow(agreement.campaign_id)).count() == 2


def _act(client: Any, kind: str, id: UUID, action: str, body: dict[str, str]) -> Any:
    return client.post(f"/api/v1/{kind}/{id}/actions/{action}/", body, headers={"Idempotency-Key": f"{action} {id}"})


def test_a_closing_is_gone_on_with_from_any_stage_and_captures_every_pledge_once(
    at_size: Size, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = at_size(8, 500)
    monkeypatch.setattr(settling, "BATCH", number // 4)
    for stage in chosen(STAGES, at_size, seed):
        campaign = crowds.crowd(number)
        (where, call), quarters = STAGES[stage]
        assert killed(lambda campaign=campaign: list(closing.close(campaign=campaign)), at=where, call=call)
        rows = Pledge.objects.filter(campaign=campaign)
        assert rows.filter(state="captured").count() == quarters * number // 4
        assert everything_wrong() == []
        *_, campaign = closing.close(campaign=Campaign.objects.get(pk=campaign.pk))
        assert (campaign.state, campaign.captured_fen) == ("funded", number * 100)
        assert set(rows.values_list("state", flat=True)) == {"captured"}
        posts = Transfer.objects.filter(kind="post", pending__in=rows.values("hold_id"))
        entries = Subject.objects.filter(kind="pledge", type="pledge.captured", object_id__in=rows.values("pk"))
        assert posts.count() == entries.count() == number
