"""Sealed bids: what the database and the web process can know of one before the deadline, and who may make one."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import IntegrityError, connection, transaction

from ledger.app import services as ledger
from marketplace.accounts.models import Affiliation
from marketplace.common.errors import Forbidden, Invalid, MissingScope, NotFound, NotVerified
from marketplace.demands import errors, selectors
from marketplace.demands.models import Bid, Demand
from marketplace.demands.services import bidding, opening, sealing
from marketplace.workflow.performing import perform
from tests.factories import accounts, catalogue, demands

pytestmark = pytest.mark.django_db

Opener = Callable[[], AbstractContextManager[None]]
PLAN = "canary-plan-金丝雀"
PRICE = 987_654_321


def rows_with(*needles: str) -> set[str]:
    """Every table with one of the texts in any of its columns, bytes included."""
    found = set()
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            name = connection.ops.quote_name(table)
            patterns = [f"%{form}%" for text in needles for form in (text, text.encode().hex())]
            cursor.execute(f"SELECT count(*) FROM {name} t WHERE t::text LIKE ANY (%s)", [patterns])
            if cursor.fetchone()[0]:
                found.add(table)
    return found


def test_nothing_readable_of_a_sealed_bid_stands_anywhere_in_the_database(opener: Opener) -> None:
    bid, receipt = demands.bid(demands.demand(), price_fen=PRICE, plan_zh=PLAN)
    assert (bid.state, bid.price_fen, bid.plan_zh, bid.milestones, bid.salt) == ("sealed", None, "", [], "")
    assert rows_with(PLAN, str(PRICE), receipt.salt) == set()
    assert rows_with(receipt.commitment) == {"demands_bid", "ledger_disclosure"}


def test_the_web_process_which_sealed_it_cannot_open_it(opener: Opener) -> None:
    target = demands.demand()
    bid, _ = demands.bid(target)
    closed = demands.closed(target)
    with pytest.raises(ImproperlyConfigured):
        opening.open_due_bids()
    with pytest.raises(ImproperlyConfigured):
        sealing.unwrap_demand_key(closed.pk, bytes(closed.bid_wrapped_key))
    bid.refresh_from_db()
    assert bid.state == "sealed"


def test_after_the_deadline_the_opener_opens_what_the_bidder_sealed(opener: Opener) -> None:
    target = demands.demand()
    bid, receipt = demands.bid(target, price_fen=PRICE, plan_zh=PLAN)
    with opener():
        assert opening.open_due_bids() == 0  # the demand is still open
        demands.closed(target)
        assert [opening.open_due_bids(), opening.open_due_bids()] == [1, 0]
    bid.refresh_from_db()
    assert (bid.state, bid.price_fen, bid.plan_zh, bid.salt, bid.sealed) == ("opened", PRICE, PLAN, receipt.salt, None)
    assert sealing.commitment(demands.offer(price_fen=PRICE, plan_zh=PLAN), bid.salt) == bid.commitment
    kinds = [entry.type for entry in ledger.entries_of("bid", bid.pk)]
    assert kinds == ["bid.committed", "bid.opened"]


def test_a_bid_whose_bytes_were_changed_is_disqualified_and_the_others_are_opened(opener: Opener) -> None:
    target = demands.demand()
    (changed, _), (sound, _) = demands.bid(target), demands.bid(target)
    raw = bytearray(changed.sealed)
    raw[-1] ^= 1
    Bid.objects.filter(pk=changed.pk).update(sealed=bytes(raw))
    demands.closed(target)
    with opener():
        assert opening.open_due_bids() == 1
    changed.refresh_from_db()
    sound.refresh_from_db()
    assert (changed.state, sound.state) == ("disqualified", "opened")
    assert (changed.price_fen, changed.refusal_text) == (None, "reveal does not match the commitment")


def test_two_bids_that_were_exchanged_are_both_disqualified(opener: Opener) -> None:
    target = demands.demand()
    (one, _), (other, _) = demands.bid(target, price_fen=1), demands.bid(target, price_fen=2)
    Bid.objects.filter(pk=one.pk).update(sealed=other.sealed)
    Bid.objects.filter(pk=other.pk).update(sealed=one.sealed)
    demands.closed(target)
    with opener():
        assert opening.open_due_bids() == 0
    assert set(target.bids.values_list("state", flat=True)) == {"disqualified"}


def test_a_bid_that_opens_but_is_not_what_was_committed_to_is_disqualified(opener: Opener) -> None:
    target = demands.demand()
    bid, _ = demands.bid(target, price_fen=700)
    cheaper = sealing.seal(bytes(target.bid_public_key), bid.pk, demands.offer(price_fen=600))
    Bid.objects.filter(pk=bid.pk).update(sealed=cheaper.ciphertext)
    demands.closed(target)
    with opener():
        assert opening.open_due_bids() == 0
    bid.refresh_from_db()
    assert bid.state == "disqualified"


def test_one_demand_whose_key_was_changed_does_not_keep_the_others_closed(opener: Opener) -> None:
    broken, sound = demands.demand(), demands.demand()
    for target in (broken, sound):
        demands.bid(target)
        demands.closed(target)
    Demand.objects.filter(pk=broken.pk).update(bid_wrapped_key=sound.bid_wrapped_key)
    with opener():
        assert opening.open_due_bids() == 1
    assert (broken.bids.get().state, sound.bids.get().state) == ("sealed", "opened")


def test_a_key_is_bound_to_its_demand_and_the_key_file_is_never_overwritten(opener: Opener, tmp_path: Path) -> None:
    one, other = demands.demand(), demands.demand()
    with opener(), pytest.raises(sealing.CannotOpen):
        sealing.unwrap_demand_key(other.pk, bytes(one.bid_wrapped_key))
    file = tmp_path / "opener.key"
    assert file.stat().st_mode & 0o777 == 0o600
    with pytest.raises(FileExistsError):
        sealing.write_key_file(file)


def test_no_bid_is_taken_after_the_deadline_whether_or_not_the_sweeper_has_come(opener: Opener) -> None:
    target = demands.demand()
    early, _ = demands.bid(target)
    bidder = accounts.actor_for(early.organisation)
    demands.late(target)
    with pytest.raises(errors.DeadlinePassed):
        demands.bid(target)
    with pytest.raises(errors.DeadlinePassed):
        perform("replace", early, bidder, offer=demands.offer(price_fen=1))
    with pytest.raises(errors.DeadlinePassed):
        perform("withdraw", early, bidder)
    demands.closed(target)
    with pytest.raises(errors.DeadlinePassed):
        demands.bid(target)


def test_before_the_deadline_a_bid_is_replaced_or_withdrawn_and_what_was_sealed_is_destroyed(opener: Opener) -> None:
    target = demands.demand()
    bid, first = demands.bid(target, price_fen=900)
    bidder = accounts.actor_for(bid.organisation)
    replaced = perform("replace", bid, bidder, offer=demands.offer(price_fen=700))
    assert replaced.commitment != first.commitment
    with pytest.raises(errors.AlreadyBid):
        demands.bid(target, by=bid.team)
    gone = perform("withdraw", bid, bidder)
    assert (gone.state, gone.sealed) == ("withdrawn", None)
    again, _ = demands.bid(target, by=bid.team, price_fen=650)
    demands.closed(target)
    with opener():
        opening.open_due_bids()
    again.refresh_from_db()
    assert again.price_fen == 650


def test_before_opening_only_the_bidder_knows_of_a_bid(opener: Opener) -> None:
    target = demands.demand()
    bid, receipt = demands.bid(target)
    bidder, company, reviewer = accounts.actor_for(bid.organisation), demands.company_of(target), accounts.staff_actor("reviewer")
    assert [list(selectors.bids_for(actor)) for actor in (bidder, company, reviewer)] == [[bid], [], []]
    with pytest.raises(NotFound):
        perform("disqualify", bid, reviewer, reason="利益冲突")
    demands.closed(target)
    opened = perform("reveal", bid, demands.SYSTEM, body=demands.offer(), salt=receipt.salt)
    elsewhere = accounts.staff_actor("reviewer", region="13")
    assert [list(selectors.bids_for(actor)) for actor in (bidder, company, reviewer, elsewhere)] == [[bid], [bid], [bid], []]
    assert perform("disqualify", opened, reviewer, reason="利益冲突").refusal_text == "利益冲突"


def test_only_a_fit_team_bids(opener: Opener) -> None:
    target = demands.demand()
    team = catalogue.team()
    actor = accounts.actor_for(team.organisation)
    company = demands.company_of(target)
    foreign, draft = catalogue.team(), catalogue.team(team.organisation, published=False)
    kin = catalogue.team()
    first, second = sorted((target.organisation_id, kin.organisation_id))
    Affiliation.objects.create(first_id=first, second_id=second)
    for who, with_team, refusal in (
        (company, team, errors.OwnDemand),
        (accounts.actor_for(accounts.organisation("company")), team, Forbidden),
        (replace(actor, roles=frozenset({"finance"})), team, Forbidden),
        (replace(actor, verified=False), team, NotVerified),
        (replace(actor, scopes=frozenset({"read"})), team, MissingScope),
        (actor, foreign, errors.TeamNotQualified),
        (actor, draft, errors.TeamNotQualified),
        (accounts.actor_for(kin.organisation), kin, errors.AffiliatedBidder),
    ):
        with pytest.raises(refusal):
            bidding.bid_submit(demand=target, team=with_team, actor=who, offer=demands.offer())
    with pytest.raises(NotFound):
        bidding.bid_submit(demand=demands.demand(until="approved"), team=team, actor=actor, offer=demands.offer())
    with pytest.raises(errors.WrongMode):
        bidding.bid_submit(demand=demands.claimable(), team=team, actor=actor, offer=demands.offer())
    assert Bid.objects.count() == 0


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"price_fen": 0}, "price_fen"),
        ({"price_fen": "12"}, "price_fen"),
        ({"plan_zh": ""}, "plan_zh"),
        ({"milestones": []}, "milestones"),
        ({"milestones": [{"title_zh": "一", "days": 9, "share_bp": 9_999}]}, "milestones"),
        ({"milestones": [{"title_zh": "", "days": 9, "share_bp": 10_000}]}, "milestones"),
        ({"milestones": [{"title_zh": "一", "days": 0, "share_bp": 10_000}]}, "milestones"),
        (
            {"milestones": [{"title_zh": "一", "days": 1, "share_bp": 11_000}, {"title_zh": "二", "days": 1, "share_bp": -1_000}]},
            "milestones",
        ),
    ],
)
def test_an_offer_that_could_never_become_an_agreement_is_refused(opener: Opener, changes: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        demands.bid(demands.demand(), **changes)
    assert set(refused.value.fields) == {field}


@pytest.mark.parametrize("column", [{"price_fen": 5}, {"plan_zh": "明文"}, {"salt": "00"}, {"sealed": None}])
def test_the_database_refuses_plain_text_beside_a_sealed_bid(opener: Opener, column: dict[str, Any]) -> None:
    bid, _ = demands.bid(demands.demand())
    with pytest.raises(IntegrityError, match="bid_sealed_holds_no_plain_text"), transaction.atomic():
        Bid.objects.filter(pk=bid.pk).update(**column)
