"""Every list costs exactly as many queries with one row as with fifty, and no page more than its budget.

A budget is all that one answer asks of the database, the signing in included: session, person and
membership, and for the platform's staff the office besides. Design figures: a list 6, one object 10,
a page with matches 12, the dashboard 15; whatever needs more says why.
"""

import re
from collections.abc import Iterator

import pytest
from django.contrib import admin
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from marketplace.funding import selectors as funding
from marketplace.web import context
from tests.factories import crowd
from tests.factories.world import World
from tests.routes import every_list, every_route

PUBLIC, KEY, MEMBER, STAFF = 1, 3, 4, 5
LIST, OBJECT, MATCHES, DASHBOARD = 6, 10, 12, 15
# Session, person, offices and rows, two counts, and what narrows the list.
BACK_OFFICE = 16
# The test's own transaction; and the corpus, which the matcher keeps in memory as soon as it is committed.
NOT_COUNTED = re.compile(r'^SAVEPOINT|^RELEASE|FROM "matching_document"|pg_current_xact_id_if_assigned')
# Who asks, what, and at most how many queries.
LISTS = (
    ("anonymous", "/api/v1/demands/", PUBLIC),
    ("company", "/api/v1/demands/", MEMBER),
    ("reviewer", "/api/v1/demands/", STAFF),
    ("key", "/api/v1/demands/", KEY),
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
    ("funder", "/api/v1/campaigns/{campaign.open}/updates/", LIST),
    ("company", "/api/v1/campaigns/{campaign.open}/questions/", LIST),
    ("funder", "/api/v1/pledges/", MEMBER),
    ("funder", "/api/v1/pools/", MEMBER),
    # Besides the rows: what each pledge has brought of its cap, the milestones of its work, and the reports of its revenue.
    ("funder", "/api/v1/portfolio/pledges/", 8),
    # The sums of pledges and of revenue, and the quarters.
    ("funder", "/api/v1/portfolio/", OBJECT),
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
    ("finance", "/api/v1/debts/", STAFF),
    ("finance", "/api/v1/statement-imports/", STAFF),
    ("finance", "/api/v1/statement-mappings/", STAFF),
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
    ("anonymous", "/experts/", LIST),
    ("anonymous", "/experts/{expert.published}/", OBJECT),
    ("winner", "/experts/{expert.published}/", MATCHES),
    ("anonymous", "/organisations/", PUBLIC),
    ("reviewer", "/organisations/", STAFF),
    ("company", "/organisation/", OBJECT),
    ("company", "/settings/", LIST),
    ("company", "/settings/keys/", LIST),
    ("company", "/campaigns/", OBJECT),
    ("funder", "/campaigns/", OBJECT),
    ("funder", "/campaigns/{campaign.open}/updates/", LIST),
    ("company", "/campaigns/{campaign.open}/questions/", LIST),
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
    ("finance", "/payment-orders/", OBJECT),
    ("finance", "/statement-mappings/", LIST),
    # Besides the rows: the quarters, the sums, what each pledge has brought of its cap, its milestones and reports, and the clock.
    ("funder", "/portfolio/", 13),
    # The version asked for, its entries, and a page of the versions.
    ("anonymous", "/lexicon/", LIST),
    ("anonymous", "/ledger/search/?q=12", LIST),
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
    ("admin", "/mixes/", OBJECT),
    ("anonymous", "/api/v1/matches/?demand={demand.open}", LIST),
    ("company", "/api/v1/matches/feedback/", MEMBER),
    ("anonymous", "/api/v1/matches/?demand={demand.open}&region_code=11&industry_code=38&readiness=3", LIST),
    ("anonymous", "/api/v1/matches/?demand={demand.open}&corpus=expert", LIST),
    # Its matches, what its conditions take out of them, which are of the new or small and what was said of them, its bids with each bid's
    # moves, its confidential part, questions, agreements, campaigns and entries.
    ("company", "/demands/{demand.evaluating}/", 19),
)
OBJECTS = (
    # The runs, places by supply, what is published, and of its institutions the names, the new and the small.
    ("admin", "/exposure/", 12),
    ("admin", "/api/v1/exposure/", 12),
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
    # Besides the campaign: its sums, its funders, those cooling off for either step to an early close, those invited, the pools, its use of
    # funds, its newest updates and questions, and its entries, in two reads.
    ("company", "/campaigns/{campaign.open}/", 16),
    # Besides the pledge: its top-up, share of revenue, milestones, reports, the wallet, what its moves ask, and its entries, in two reads.
    ("funder", "/pledges/{pledge}/", 13),
    # Twelve payments, more than the budget has queries.
    ("finance", "/payment-orders/{payment_order.long}/", OBJECT),
    ("finance", "/api/v1/payment-orders/{payment_order.long}/", OBJECT),
    ("finance", "/statement-imports/{statement_import}/", LIST),
    # Besides the agreement: parties, milestones, revenue reports, and its entries, in two reads.
    ("company", "/agreements/{agreement.active}/", 11),
    ("funder", "/agreements/{agreement.active}/", 11),
    ("company", "/agreements/{agreement.active}/revenue/", OBJECT),
    # Besides the report: parties, lines as they would be with what was paid before, questions, reviews, and its entries, in two reads.
    ("company", "/revenue/{revenue}/", 15),
    ("anonymous", "/ledger/objects/demand/{demand.open}/", LIST),
    ("company", "/ledger/objects/agreement/{agreement.active}/", OBJECT),
    ("company", "/evidence/agreement/{agreement.active}/", 15),
    # Head, checkpoint, keys, days, types and entries: the same however long the log is.
    ("anonymous", "/ledger/", OBJECT),
    ("anonymous", "/ledger/verify/", LIST),
)
# Pages that need no line above: forms, files, moves and machines' addresses by their names, and those that show no rows.
NO_PAGE = re.compile(
    r"^(api|admin|accounts|_allauth|styleguide)/|^(healthz|readyz|metrics)$|^ledger/(checkpoint|keys|policy|tile/<pk>)$|\.[a-z-]+$"
    r"|/(new|edit|file|zip|pdf|deliverable|actions/<pk>|assign|remove|revoke|verify|pause|delete|bid|ask|ask-again|start|drop|terms|use-of-funds|pledge)/$"
)
NO_ROWS = {
    "agreements/<pk>/signing-key/", "bank-account/", "campaigns/<pk>/questions/<pk>/", "campaigns/wording/", "certificates/<pk>/",
    "demands/<pk>/agreement/", "demands/<pk>/campaign/", "demands/<pk>/questions/<pk>/", "demands/similar/", "deposits/<pk>/",
    "ledger/entries/<pk>/", "ledger/witness/", "lexicon/<pk>/", "lexicon/<pk>/withdraw/", "lexicon/import/",
    "matches/<pk>/take-back/", "matches/judge/", "mixes/<pk>/switch/",
    "organisation/choose/", "organisation/invitations/<pk>/", "organisation/invite/",
    "organisations/<pk>/", "revenue/<pk>/evidence/", "settings/erase/", "statement-mappings/<pk>/", "suitability/", "terms/", "theme/",
    "unsubscribe/<pk>/", "wallet/top-up-reference/",
}  # fmt: skip


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


def test_no_page_with_rows_is_left_out() -> None:
    """A new page needs a line in LISTS or OBJECTS, unless it shows no rows."""
    counted = {re.sub(r"\{.*?\}", "<pk>", address.partition("?")[0]).removeprefix("/") for _, address, _ in (*LISTS, *OBJECTS)}
    counted |= {re.sub(r"(ledger/objects|evidence)/\w+/<pk>/", r"\1/<pk>/<pk>/", page) for page in counted}
    pages = {re.sub(r"<\w+>", "<pk>", route.path) for route in every_route()}
    pages = {page for page in pages if not NO_PAGE.search(page)}
    assert (pages - counted - NO_ROWS, NO_ROWS - pages, NO_ROWS & counted) == (set(), set(), set())


def test_no_list_of_the_back_office_asks_for_each_of_its_rows(crowded: World) -> None:
    """The auditor reads every list there that anybody may read; it is asked once, so what is kept afterwards is counted too."""
    client, dear, read = crowded.client("auditor"), [], 0
    for model in admin.site._registry:
        with transaction.atomic(), CaptureQueriesContext(connection) as captured:
            answer = client.get(f"/admin/{model._meta.app_label}/{model._meta.model_name}/")
            transaction.set_rollback(True)
        read += answer.status_code == 200
        if len(captured) > BACK_OFFICE:
            dear.append(told([query["sql"] for query in captured.captured_queries], f"at most {BACK_OFFICE} for {model._meta.label}"))
    assert not dear, "\n\n".join(dear)
    assert read > len(admin.site._registry) / 2


@pytest.mark.usefixtures("crowded")
def test_the_measure_sees_one_query_for_each_row(crowded: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows whose titles are read one by one cost a query each."""
    whole = funding.pledges_for
    monkeypatch.setattr(funding, "pledges_for", lambda actor: whole(actor).select_related(None))
    rows = crowded.client("funder").get("/api/v1/pledges/").json()["results"]
    assert len(queries(crowded, "funder", "/api/v1/pledges/")) >= MEMBER + len(rows)
