"""A list costs as many queries with one row as with fifty, and no page more than its budget."""

from collections.abc import Callable
from copy import copy
from typing import Any

import pytest
from django.db import connection, models, transaction
from django.test.utils import CaptureQueriesContext

from marketplace.common.ids import uuid7
from tests.factories import accounts
from tests.factories.world import World

MANY = 50
LIST, DETAIL = 6, 12
# Session, person, allauth's record of the session and its refreshing, office, membership.
SIGN_IN = 7
# Who asks, what, and at most how many queries once it is known who asks.
LISTS = (
    ("anonymous", "/api/v1/demands/", LIST),
    ("company", "/api/v1/demands/", LIST),
    ("company", "/api/v1/bids/", LIST),
    ("anonymous", "/api/v1/achievements/", LIST),
    ("anonymous", "/api/v1/teams/", LIST),
    ("anonymous", "/api/v1/experts/", LIST),
    ("anonymous", "/api/v1/organisations/", LIST),
    ("company", "/api/v1/campaigns/", LIST),
    ("funder", "/api/v1/pledges/", LIST),
    ("finance", "/api/v1/payouts/", LIST),
    ("company", "/api/v1/agreements/", LIST),
    ("winner", "/api/v1/milestones/", LIST),
    ("company", "/api/v1/revenue-reports/", LIST),
    ("company", "/api/v1/signing-keys/", LIST),
    ("company", "/api/v1/notices/", LIST),
    ("winner", "/api/v1/imports/", LIST),
    ("company", "/api/v1/deposits/", LIST),
    ("finance", "/api/v1/bank-statements/", LIST),
    ("finance", "/api/v1/bank-statements/waiting-lines/", LIST),
    ("anonymous", "/demands/", LIST),
    ("anonymous", "/achievements/", LIST),
    ("anonymous", "/teams/", LIST),
    ("anonymous", "/organisations/", LIST),
    ("company", "/agreements/", LIST),
    ("winner", "/imports/", LIST),
    ("company", "/deposits/", LIST),
    ("company", "/notices/", LIST),
    ("company", "/wallet/", DETAIL),
    ("finance", "/bank-statements/", DETAIL),
    ("company", "/dashboard/", 31),
    ("anonymous", "/", DETAIL),
    ("anonymous", "/search/?q=电池", LIST),
)
DETAILS = (
    ("anonymous", "/api/v1/demands/{demand.open}/"),
    ("company", "/api/v1/demands/{demand.evaluating}/"),
    ("company", "/api/v1/campaigns/{campaign.open}/"),
    ("company", "/api/v1/agreements/{agreement.active}/"),
    ("winner", "/api/v1/milestones/{milestone}/"),
    ("anonymous", "/demands/{demand.open}/"),
    ("anonymous", "/achievements/{achievement.published}/"),
    ("anonymous", "/teams/{team.published}/"),
    ("company", "/agreements/{agreement.active}/"),
    ("company", "/evidence/agreement/{agreement.active}/"),
    ("company", "/api/v1/evidence/agreement/{agreement.active}/"),
    ("company", "/deposits/{deposit.kept}/"),
    ("company", "/api/v1/deposits/{deposit.kept}/"),
)

# Pages of many parts.
BUDGETS = {"/agreements/{agreement.active}/": 30}


def queries(world: World, role: str, address: str) -> list[str]:
    """What the database is asked for one answer; the second asking, so that nothing is counted that is kept afterwards."""
    client = world.client(role)
    with transaction.atomic():
        client.get(address)
        connection.queries_log.clear()
        with CaptureQueriesContext(connection) as captured:
            answer = client.get(address)
        assert answer.status_code == 200, f"{address}: {answer.status_code}"
        transaction.set_rollback(True)
    asked = [query["sql"] for query in captured.captured_queries]
    return [sql for sql in asked if not sql.startswith(("SAVEPOINT", "RELEASE", "SET "))]


def copies(row: models.Model, **each: Callable[[int], Any]) -> list[Any]:
    """Fifty rows like this one, each with an id of its own and what `each` gives it."""
    made = []
    for number in range(MANY):
        new = copy(row)
        new._state = copy(row._state)
        new._state.adding, new._state.fields_cache = True, {}
        new.pk = uuid7()
        for name, make in each.items():
            setattr(new, name, make(number))
        made.append(new)
    return type(row)._base_manager.bulk_create(made)


@pytest.fixture(scope="module")
def crowded(world: World) -> World:
    """The same world with fifty rows more of everything that is listed."""
    known = world.objects
    nothing, new_id = (lambda _: ""), (lambda _: uuid7())

    def nth(rows: list[Any]) -> Callable[[int], Any]:
        return lambda number: rows[number].pk

    demands = copies(known["demand.open"], ref=nothing)
    awarded = copies(known["demand.awarded"], ref=nothing)
    copies(known["bid.winner"], demand_id=nth(demands))
    copies(known["team.published"])
    copies(known["achievement.published"], ref=lambda number: f"copy-{number}")
    people = [accounts.person().pk for _ in range(MANY)]
    copies(known["expert.published"], person_id=lambda number: people[number])
    copies(known["organisation.verified"], uscc=lambda _: accounts.credit_code())
    campaigns = copies(known["campaign.open"], demand_id=nth(awarded))
    copies(known["pledge"], campaign_id=nth(campaigns), state=lambda _: "expired", hold_id=lambda _: None)
    copies(known["payout"], purpose_id=new_id, reference=lambda number: f"PAY{number:09d}")
    agreements = copies(known["agreement.active"], demand_id=nth(awarded))
    parties = list(known["agreement.active"].parties.all())
    for party in parties:
        copies(party, agreement_id=nth(agreements))
    copies(known["milestone"], agreement_id=nth(agreements))
    copies(known["revenue"], agreement_id=nth(agreements))
    copies(known["signing_key"], public_key=lambda number: f"{number:064x}")
    copies(known["notice"], event_id=new_id)
    copies(known["import"])
    copies(known["deposit.kept"], sha256=lambda number: f"{number:064x}")
    statements = copies(known["statement"], sha256=lambda number: f"{number:064x}")
    copies(known["line"], statement_id=nth(statements), bank_line_id=lambda number: f"C{number}")
    return world


@pytest.fixture(scope="module")
def with_few(world: World) -> dict[tuple[str, str], int]:
    """The number of queries before the crowd comes."""
    return {(role, address): len(queries(world, role, address)) for role, address, _ in LISTS}


@pytest.mark.parametrize(("role", "address", "budget"), LISTS)
def test_a_list_costs_the_same_with_fifty_rows(
    with_few: dict[tuple[str, str], int], crowded: World, role: str, address: str, budget: int
) -> None:
    asked = queries(crowded, role, address)
    told = f"{len(asked)} queries, {with_few[role, address]} before:\n" + "\n".join(sql[:300] for sql in asked)
    # One query more or less: the next page's existence, or a kind of which there was nothing to look up.
    assert abs(len(asked) - with_few[role, address]) <= 2, told
    assert len(asked) <= budget + _sign_in(role), told


def _sign_in(role: str) -> int:
    return 0 if role == "anonymous" else SIGN_IN


@pytest.mark.parametrize(("role", "address"), DETAILS)
def test_one_object_stays_within_its_budget(world: World, role: str, address: str) -> None:
    name = address[address.index("{") + 1 : address.index("}")]
    asked = queries(world, role, address.replace("{" + name + "}", str(world.objects[name].pk)))
    budget = BUDGETS.get(address, DETAIL) + _sign_in(role)
    assert len(asked) <= budget, f"{len(asked)} queries instead of {budget}:\n" + "\n".join(sql[:300] for sql in asked)
