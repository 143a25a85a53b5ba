"""Many at once over the API: for the last places, against the closing, and with the same key again and again.

`make test` lets a few race once; `make prove` lets 64 race twenty times, two hundred pledges meet their closing, and
fifty keys be sent by 32 at once.
"""

import random
import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import transaction

from marketplace.accounts.models import Organisation
from marketplace.common import clock
from marketplace.funding.models import Campaign
from marketplace.treasury.selectors import balance
from marketplace.treasury.services import accounts as books
from marketplace.workflow.performing import perform
from tests.factories import accounts, funding
from tests.factories.locks import without_lock
from tests.factories.racing import outcomes, race, replaced

pytestmark = [pytest.mark.django_db(transaction=True, databases=["default", "owner"]), pytest.mark.prove]
Size = Callable[[int, int], int]
FEN = 10_000
ROOM = 10
RESERVE = "marketplace.funding.services.pledging.reserve"


def campaign_of(funders: list[Organisation], *, room: int, **changes: Any) -> Campaign:
    """Open to all of these, with room for so many pledges."""
    limits = {"minimum_fen": FEN, "optimum_fen": room * FEN, "funder_min_fen": 1, "funder_max_fen": room * FEN, "max_funders": 200}
    return funding.campaign(funders, **{**limits, **changes})


def post(client: Any, campaign: Campaign, key: str, fen: int = FEN) -> Any:
    """One pledge over the API; who is told to come again in a moment comes again with the same key."""
    body = {"campaign": str(campaign.pk), "fen": fen, **funding.accepted(campaign)}
    while True:
        answer = client.post("/api/v1/pledges/", body, headers={"Idempotency-Key": key} if key else {})
        if answer.status_code != 503:
            return answer
        time.sleep(0.1)


def words(answers: list[Any]) -> Counter[str]:
    """How often each answer was given: its status, and the code of a refusal."""
    for one in answers:
        if isinstance(one, Exception):
            raise one
    return Counter(" ".join([str(one.status_code), *([one.json()["code"]] if one.status_code >= 400 else [])]) for one in answers)


def promised(campaign: Campaign) -> tuple[int, int]:
    """What the campaign counts, and what its escrow is promised by holds."""
    campaign.refresh_from_db()
    return campaign.held_fen, balance(books.campaign_escrow(campaign.pk)).incoming_fen


def test_of_many_who_want_the_last_ten_places_exactly_ten_get_one(at_size: Size) -> None:
    many = at_size(14, 64)
    funders = [funding.funder(FEN * at_size(1, 20)) for _ in range(many)]
    for turn in range(at_size(1, 20)):
        campaign = campaign_of(funders, room=ROOM)
        clients = [accounts.api_client(one) for one in funders]
        answers = race(*(partial(post, client, campaign, f"turn-{turn}") for client in clients), seconds=120)
        assert words(answers) == {"201": ROOM, "409 cap_reached": many - ROOM}
        assert promised(campaign) == (ROOM * FEN, ROOM * FEN)
        assert campaign.pledges.count() == ROOM


def counted_by_hand(campaign: Campaign, fen: int) -> None:
    """The cap kept as a program without databases would: compare with what was read before, write back."""
    assert campaign.held_fen + fen <= campaign.optimum_fen
    Campaign.objects.filter(pk=campaign.pk).update(held_fen=campaign.held_fen + fen)


@pytest.mark.breaks_books("more is promised than the campaign may take")
def test_twin_without_lock_and_conditional_update_all_of_them_get_a_place(at_size: Size) -> None:
    many = at_size(14, 64)
    funders = [funding.funder(FEN) for _ in range(many)]
    campaign = campaign_of(funders, room=ROOM)
    with without_lock("the campaign of a pledge"), replaced(RESERVE, lambda conditional: counted_by_hand):
        results = race(*(partial(funding.pledge, campaign, one, FEN) for one in funders), before=RESERVE, seconds=120)
    assert outcomes(results) == ["done"] * many
    assert promised(campaign)[1] == many * FEN


def opened_until(campaign: Campaign, moment: Any) -> Campaign:
    """The same campaign with another deadline: it is opened anew, since the database lets no open one's deadline go back."""
    row = Campaign.objects.filter(pk=campaign.pk)
    with transaction.atomic():
        row.update(opened_at=None)
        row.update(deadline=moment, due_at=moment, opened_at=campaign.opened_at)
    campaign.refresh_from_db()
    return campaign


def test_the_last_fen_is_pledged_before_the_closing_or_refused_after_it(at_size: Size, seed: int) -> None:
    chance, rounds, seen = random.Random(seed), at_size(3, 200), Counter[str]()
    early, late = funding.funder(300_000 * rounds), funding.funder(rounds)
    for turn in range(rounds):
        campaign = campaign_of([early, late], room=0, minimum_fen=1, optimum_fen=300_001, funder_max_fen=300_000)
        first = funding.firm(campaign, early, 300_000)
        by_consent = turn % 2 == 0
        if by_consent:
            perform("agree_early_close", first, accounts.actor_for(early))
            close = partial(perform, "close_early", campaign, accounts.actor_for(campaign.organisation))
        else:
            campaign = opened_until(campaign, clock.now() + timedelta(seconds=chance.uniform(0, 0.03)))
            close = partial(perform, "deadline", campaign, funding.SYSTEM)
        results = race(
            after_a_while(chance.uniform(0, 0.03), close),
            after_a_while(chance.uniform(0, 0.03), partial(funding.pledge, campaign, late, 1)),
        )
        closed, pledged = (not isinstance(one, Exception) for one in results)
        held, incoming = promised(campaign)
        alive = campaign.pledges.filter(state="cooling_off", organisation=late).count()
        assert (held, incoming, alive) == ((300_001, 300_001, 1) if pledged else (300_000, 300_000, 0)), results
        assert (campaign.state == "clearing") == closed
        assert pledged or getattr(results[1], "code", "") == "campaign_not_open", results
        assert not by_consent or closed != pledged, results  # nobody closes over a pledge that cools off
        seen["pledged" if pledged else "refused"] += 1
    assert rounds < 200 or min(seen["pledged"], seen["refused"]) >= 20, seen


def after_a_while(seconds: float, job: Callable[[], Any]) -> Callable[[], Any]:
    """The job, begun that much later than its rival may be."""

    def later() -> Any:
        time.sleep(seconds)
        return job()

    return later


def test_a_key_that_many_send_at_once_and_again_later_is_one_pledge(at_size: Size) -> None:
    keys, at_once, later = at_size(2, 50), at_size(6, 32), at_size(2, 10)
    funders = [funding.funder(2 * FEN) for _ in range(keys)]
    campaign = campaign_of(funders, room=keys + 1)
    for funder in funders:  # each uses the same key, which is its own alone
        clients = [accounts.api_client(funder) for _ in range(at_once)]
        answers = race(*(partial(post, client, campaign, "k") for client in clients), seconds=120)
        assert set(words(answers)) <= {"201", "409 idempotency_key_in_use"}
        done = [one for one in answers if one.status_code == 201]
        assert sum("Idempotent-Replayed" not in one for one in done) == 1
        again = [post(clients[0], campaign, "k") for _ in range(later)]
        assert [one.get("Idempotent-Replayed") for one in again] == ["true"] * later
        assert [one.json() for one in (*done, *again)] == [again[0].json()] * (len(done) + later)
        other, without = post(clients[0], campaign, "k", FEN + 1), post(clients[0], campaign, "")
        assert words([other, without]) == {"422 idempotency_key_reused": 1, "400 idempotency_key_missing": 1}
        assert balance(books.wallet(funder.pk)).held_fen == FEN
    assert (campaign.pledges.count(), promised(campaign)) == (keys, (keys * FEN, keys * FEN))


def test_an_answer_that_was_lost_on_its_way_is_given_again(at_size: Size) -> None:
    funders = [funding.funder(FEN) for _ in range(at_size(2, 100))]
    campaign = campaign_of(funders, room=len(funders))
    for funder in funders:
        lost = post(accounts.api_client(funder), campaign, "k").json()
        again = post(accounts.api_client(funder), campaign, "k")
        assert (again.status_code, again["Idempotent-Replayed"], again.json()) == (201, "true", lost)
    assert (campaign.pledges.count(), promised(campaign)[1]) == (len(funders), len(funders) * FEN)
