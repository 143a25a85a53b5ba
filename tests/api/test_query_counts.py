"""Every list costs exactly as many queries with one row as with fifty, and no page more than its budget.

A budget is all that one answer asks of the database, the signing in included: session, person and
membership, and for the platform's staff the office besides. Design figures: a list 6, one object 10,
a page with matches 12, the dashboard 15; whatever needs more says why.
"""

import re
from collections.abc import Iterator

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from marketplace.funding import selectors as funding
from marketplace.web import context
from tests.factories import crowd
from tests.factories.world import World
from tests.routes import every_list

PUBLIC, MEMBER, STAFF = 1, 4, 5
LIST, OBJECT, MATCHES, DASHBOARD = 6, 10, 12, 15
# The test's own transaction; and the corpus, which the matcher keeps in memory as soon as it is committed.
NOT_COUNTED = re.compile(r'^SAVEPOINT|^RELEASE|FROM "matching_document"|pg_current_xact_id_if_assigned')
# Who asks, what, and at most how many queries.
LISTS = (
    ("anonymous", "/api/v1/demands/", PUBLIC),
    ("company", "/api/v1/demands/", MEMBER),
    ("reviewer", "/api/v1/demands/", STAFF),
    ("key", "/api/v1/demands/", MEMBER),
    ("anonymous", "/api/v1/demands/{demand.open}/questions/", LIST),
    ("company", "/api/v1/bids/", MEMBER),
    ("winner", "/api/v1/bids/", MEMBER),
    ("anonymous", "/api/v1/achievements/", PUBLIC),
    ("anonymous", "/api/v1/teams/", PUBLIC),
    ("anonymous", "/api/v1/experts/", PUBLIC),
    ("anonymous", "/api/v1/organisations/", PUBLIC),
    ("reviewer", "/api/v1/organisations/", STAFF),
    ("company", "/api/v1/organisations/{organisation.verified}/members/", LIST),
    ("company", "/api/v1/organisations/{organisation.verified}/invitations/", LIST),
    ("company", "/api/v1/organisations/{organisation.verified}/affiliations/", LIST),
    ("stranger", "/api/v1/invitations/", LIST),
    ("company", "/api/v1/api-keys/", MEMBER),
    ("admin", "/api/v1/staff/", STAFF),
    ("company", "/api/v1/campaigns/", MEMBER),
    ("funder", "/api/v1/campaigns/", MEMBER),
    ("funder", "/api/v1/pledges/", MEMBER),
    ("funder", "/api/v1/pools/", MEMBER),
    ("finance", "/api/v1/payouts/", STAFF),
    ("winner", "/api/v1/bank-accounts/", MEMBER),
    ("company", "/api/v1/agreements/", MEMBER),
    ("funder", "/api/v1/agreements/", LIST),
    ("winner", "/api/v1/milestones/", MEMBER),
    ("funder", "/api/v1/milestones/", LIST),
    ("company", "/api/v1/revenue-reports/", LIST),
    ("funder", "/api/v1/revenue-reports/", LIST),
    ("company", "/api/v1/signing-keys/", MEMBER),
    ("company", "/api/v1/notices/", MEMBER),
    ("winner", "/api/v1/imports/", MEMBER),
    ("winner", "/api/v1/imports/{import}/errors/", LIST),
    ("company", "/api/v1/wallet/statement/", LIST),
    ("finance", "/api/v1/bank-statements/", STAFF),
    ("finance", "/api/v1/payment-orders/", STAFF),
    # Besides the rows: the clock, since each offers its moves.
    ("finance", "/api/v1/line-decisions/", LIST),
    ("finance", "/api/v1/bank-statements/{statement}/", LIST),
    ("finance", "/api/v1/bank-statements/waiting-lines/", STAFF),
    ("company", "/api/v1/deposits/", MEMBER),
    ("anonymous", "/api/v1/timestamps/", PUBLIC),
    ("company", "/api/v1/interests/", MEMBER),
    ("company", "/api/v1/digests/", MEMBER),
    ("anonymous", "/api/v1/demo/mail/", PUBLIC),
    ("anonymous", "/", OBJECT),
    ("anonymous", "/search/?q=电池", LIST),
    ("anonymous", "/demands/", LIST),
    ("anonymous", "/achievements/", LIST),
    ("anonymous", "/teams/", LIST),
    ("anonymous", "/teams/{team.published}/", OBJECT),
    ("anonymous", "/organisations/", PUBLIC),
    ("reviewer", "/organisations/", STAFF),
    ("company", "/organisation/", OBJECT),
    ("company", "/settings/", LIST),
    ("company", "/settings/keys/", LIST),
    ("company", "/campaigns/", OBJECT),
    ("funder", "/campaigns/", OBJECT),
    # Besides the rows: their accounts, and what they have paid.
    ("funder", "/pools/", 7),
    ("company", "/agreements/", LIST),
    ("funder", "/agreements/", LIST),
    ("winner", "/payouts/", LIST),
    # Besides the rows: the accounts to verify.
    ("finance", "/payouts/", 7),
    ("company", "/wallet/", OBJECT),
    ("finance", "/bank-statements/", OBJECT),
    ("finance", "/finance/", 20),
    ("finance", "/bank-statements/{statement}/", OBJECT),
    ("winner", "/imports/", LIST),
    ("company", "/deposits/", LIST),
    ("winner", "/imports/{import}/", LIST),
    ("company", "/notices/", LIST),
    ("company", "/interests/", LIST),
    # Besides the search and its digests: what it would bring now, which is ranked as matches are.
    ("company", "/interests/{interest}/", MATCHES),
    ("company", "/interests/digests/{digest}/", LIST),
    ("anonymous", "/mail/", LIST),
    ("company", "/dashboard/", DASHBOARD),
    ("winner", "/dashboard/", DASHBOARD),
    ("funder", "/dashboard/", DASHBOARD),
    ("reviewer", "/dashboard/", DASHBOARD),
    ("finance", "/dashboard/", DASHBOARD),
    ("anonymous", "/api/v1/matches/?demand={demand.open}", LIST),
    # Its matches and what its budget takes out of them, its bids with each bid's moves, its confidential part, questions, agreements,
    # campaigns and entries.
    ("company", "/demands/{demand.evaluating}/", 16),
)
OBJECTS = (
    ("anonymous", "/api/v1/demands/{demand.open}/", OBJECT),
    ("company", "/api/v1/demands/{demand.evaluating}/", OBJECT),
    # Besides the campaign: what is firm and what cools off, the pools that add to it, those invited, and what its moves ask.
    ("company", "/api/v1/campaigns/{campaign.open}/", 11),
    ("company", "/api/v1/agreements/{agreement.active}/", OBJECT),
    ("winner", "/api/v1/milestones/{milestone}/", OBJECT),
    ("funder", "/api/v1/pledges/{pledge}/", OBJECT),
    ("funder", "/api/v1/pools/{pool}/", OBJECT),
    ("funder", "/pools/{pool}/", OBJECT),
    ("anonymous", "/demands/{demand.open}/", MATCHES),
    ("anonymous", "/achievements/{achievement.published}/", OBJECT),
    # Besides the campaign: its sums, its funders, the pools that add to it, those cooling off for either step to an early close, those
    # invited, and its entries, in two reads.
    ("company", "/campaigns/{campaign.open}/", 13),
    ("funder", "/pledges/{pledge}/", OBJECT),
    # Besides the agreement: parties, milestones, revenue reports, and its entries, in two reads.
    ("company", "/agreements/{agreement.active}/", 11),
    ("funder", "/agreements/{agreement.active}/", 11),
    # Besides the report: parties, lines as they would be with what was paid before, questions, reviews, and its entries, in two reads.
    ("company", "/revenue/{revenue}/", 15),
    ("anonymous", "/ledger/objects/demand/{demand.open}/", LIST),
    ("company", "/ledger/objects/agreement/{agreement.active}/", OBJECT),
    # Head, checkpoint, keys, days, types and entries: the same however long the log is.
    ("anonymous", "/ledger/", OBJECT),
    ("anonymous", "/ledger/verify/", LIST),
)


@pytest.fixture(scope="module")
def sparse(world: World) -> Iterator[World]:
    """The world with one row of everything, and the ledger's line of the footer, which is kept for seconds, kept for good."""
    patch = pytest.MonkeyPatch()
    patch.setattr(context, "_KEPT_SECONDS", 3600.0)
    crowd.prepare(world)
    crowd.gather(world, 1)
    yield world
    patch.undo()
    context.ledger_line.forget()


@pytest.fixture(scope="module")
def with_one(sparse: World) -> dict[tuple[str, str], int]:
    """The number of queries before the crowd comes."""
    return {(role, address): len(queries(sparse, role, address)) for role, address, _ in LISTS}


@pytest.fixture(scope="module")
def crowded(with_one: dict[tuple[str, str], int], world: World) -> World:
    """The same world with fifty rows more of everything that is listed."""
    crowd.gather(world, 50)
    return world


def queries(world: World, role: str, address: str) -> list[str]:
    """What the database is asked for one answer; the second asking, so that nothing is counted that is kept afterwards."""
    client, address = world.client(role), filled(world, address)
    with transaction.atomic():
        client.get(address)
        with CaptureQueriesContext(connection) as captured:
            answer = client.get(address)
        assert answer.status_code == 200, f"{address}: {answer.status_code}"
        transaction.set_rollback(True)
    asked = [query["sql"] for query in captured.captured_queries]
    return [sql for sql in asked if not NOT_COUNTED.search(sql)]


def filled(world: World, address: str) -> str:
    """The address with the key of the object that it names in braces."""
    before, brace, rest = address.partition("{")
    name, _, after = rest.partition("}")
    return f"{before}{world.objects[name].pk}{after}" if brace else address


def told(asked: list[str], expected: str) -> str:
    return f"{len(asked)} queries, {expected}:\n" + "\n".join(sql[:300] for sql in asked)


@pytest.mark.parametrize(("role", "address", "budget"), LISTS)
def test_a_list_costs_the_same_with_one_row_and_with_fifty(
    with_one: dict[tuple[str, str], int], crowded: World, role: str, address: str, budget: int
) -> None:
    asked, before = queries(crowded, role, address), with_one[role, address]
    assert len(asked) == before, told(asked, f"{before} with one row")
    assert len(asked) <= budget, told(asked, f"at most {budget}")


@pytest.mark.parametrize(("role", "address", "budget"), OBJECTS)
def test_an_object_stays_within_its_budget(crowded: World, role: str, address: str, budget: int) -> None:
    asked = queries(crowded, role, address)
    assert len(asked) <= budget, told(asked, f"at most {budget}")


def test_no_list_of_the_api_is_left_out() -> None:
    counted = {re.sub(r"\{.*?\}", "<pk>", address.partition("?")[0]).removeprefix("/") for _, address, _ in LISTS}
    assert set(every_list()) - counted == set()


@pytest.mark.usefixtures("crowded")
def test_the_measure_sees_one_query_for_each_row(crowded: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows whose titles are read one by one cost a query each."""
    whole = funding.pledges_for
    monkeypatch.setattr(funding, "pledges_for", lambda actor: whole(actor).select_related(None))
    rows = crowded.client("funder").get("/api/v1/pledges/").json()["results"]
    assert len(queries(crowded, "funder", "/api/v1/pledges/")) >= MEMBER + len(rows)
