"""What conditions take out is counted in stretches of indexes: the same as looking at every row, and up to a bound."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import product
from typing import Any

import pytest
from django.db import connections, transaction
from django.db.models import Q, Value
from django.utils.timezone import localtime

from marketplace.catalogue.models import Achievement, IprStatus
from marketplace.common import clock
from marketplace.common.codes import industries
from marketplace.common.ids import uuid7
from marketplace.demands.models import Demand
from marketplace.demands.services import conditions, corpora, counting
from marketplace.demands.services.conditions import Conditions
from marketplace.demands.services.corpora import ACHIEVEMENT, EXPERT, TEAM
from marketplace.demands.services.faults import Fault
from marketplace.demands.services.indexing import CORPUS
from marketplace.demands.services.narrowing import Narrowing
from tests.factories import accounts, catalogue, demands

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("opener")]
REGIONS = ("110108", "119999", "120000", "120104", "130102", "990000")
WISHES: Sequence[dict[str, Any]] = [
    {"region_codes": ("11",)},
    {"region_codes": ("1201", "120104", "99")},
    {"region_codes": tuple(f"{number:02}" for number in range(100)), "readiness": 1},
    {"region_codes": tuple(f"{number:02}1" for number in range(100))},
    {"industry_codes": ("26", "38"), "readiness": 9},
    {"industry_codes": tuple(industries.DIVISIONS), "readiness": 5},
]


def many_achievements() -> None:
    """One for each protection, end of it, and price, with all regions, industries and levels among them; one more has lapsed."""
    first, today = catalogue.achievement(), localtime(clock.now()).date()
    ends = [None, today, today - timedelta(days=1)]
    held = [(status, end) for status, end in product(IprStatus.values, ends) if end is None or status in {"granted", "copyright"}]
    rows = []
    for number, ((status, end), price) in enumerate(product(held, [None, 1_000_000, 3_000_000])):
        row = Achievement.objects.defer("search").get(pk=first.pk)
        row.pk, row.ref, row.ipr_status, row.protected_until, row.price_fen = uuid7(), f"N-{number}", status, end, price
        row.region_code, row.readiness = REGIONS[number % 6], [None, *range(1, 10)][number % 10]
        row.industry_code = ["", "26", "38", "01"][number % 4]
        rows.append(row)
    Achievement.objects.bulk_create(rows)
    Achievement.objects.filter(pk=rows[0].pk).update(due_at=clock.now())


def one_by_one(judged: Conditions, faults: Sequence[Fault]) -> tuple[int, ...]:
    there = corpora.public(judged.corpus).exclude(corpora.lapsed(judged.corpus, judged.now))
    return tuple(there.filter(fault.condition).count() for fault in faults)


def test_stretches_of_indexes_hold_what_the_conditions_take_out_each_row_once() -> None:
    many_achievements()
    company = accounts.organisation("company")
    asked: list[list[str]] = [["none"], ["granted"], ["secret"], ["granted", "none"], ["copyright", "secret"], list(IprStatus.values)]
    seeker = demands.demand(company, budget_min_fen=1, budget_max_fen=2_000_000, ipr_wanted=["none"])
    told = []
    for wanted, wish in zip(asked, WISHES, strict=True):
        seeker.ipr_wanted = wanted
        judged = conditions.on_supply(seeker, narrowing=Narrowing(**wish), declined=[uuid7()])
        faults = (*judged.against, *judged.narrowing.faults(judged.corpus))
        told.append(counting.taken_out(judged.corpus, judged.now, faults))
        assert told[-1] == one_by_one(judged, faults)
        assert [one.removed for one in judged.stated] == [*told[-1]]
    assert len({number for one in told for number in one}) > 6


def test_only_where_an_index_of_regions_is_are_regions_asked_for_in_pieces() -> None:
    wish = Narrowing(region_codes=("11", "1301"))
    pieces = {corpus: [len(fault.pieces) for fault in wish.faults(corpus)] for corpus in (ACHIEVEMENT, TEAM, EXPERT, CORPUS)}
    assert pieces == {ACHIEVEMENT: [3], TEAM: [1], EXPERT: [1], CORPUS: [1]}


def asked_of(piece: Q) -> Iterator[tuple[str, str]]:
    """The columns that a piece asks for, each with how."""
    assert (piece.connector, piece.negated) == (Q.AND, False)
    for child in piece.children:
        if isinstance(child, Q):
            yield from asked_of(child)
        else:
            column, _, how = child[0].partition("__")
            yield column, how


def planned(piece: Q, name: str) -> str:
    """How the table's owner would find a piece, had the table this index alone and might not be read through."""
    there = corpora.public(ACHIEVEMENT).exclude(corpora.lapsed(ACHIEVEMENT, clock.now())).order_by().using("owner")
    with transaction.atomic("owner"), connections["owner"].cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off")
        cursor.execute("DROP INDEX " + ", ".join(index.name for index in Achievement._meta.indexes if index.name != name))
        plan = str(there.filter(piece).values_list(Value(1)).explain())
        transaction.set_rollback(True, "owner")
    return plan


@pytest.mark.django_db(databases=["default", "owner"])
def test_each_piece_is_one_stretch_of_an_index_of_what_is_published() -> None:
    wish = Narrowing(region_codes=("11",), industry_codes=("26",), readiness=5)
    indexes = [index for index in Achievement._meta.indexes if index.condition == Q(state="published") and "due_at" in index.include]
    told = set()
    for wanted in (["granted"], ["granted", "none"]):
        judged = conditions.on_supply(Demand(budget_max_fen=1, ipr_wanted=wanted), narrowing=wish)
        for fault in (*judged.against, *judged.narrowing.faults(judged.corpus)):
            for piece in fault.pieces:
                columns = dict.fromkeys(column for column, how in asked_of(piece) if how in {"among", "gt", "gte", "lt", "isnull"})
                named = {index.name for index in indexes if index.fields[: len(columns)] == [*columns]}
                assert len(named) == 1, (fault.name, columns)
                found, within, looked_at = planned(piece, *named).splitlines()
                assert found.startswith(f"Index Only Scan using {min(named)} on "), found
                assert within.startswith("  Index Cond: "), within
                assert looked_at.startswith("  Filter: ((due_at > "), looked_at
                told |= named
    assert told == {index.name for index in indexes}


def test_no_more_is_counted_than_the_bound_whatever_is_hidden(monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any) -> None:
    dear = [catalogue.achievement(price_fen=2_000_000) for _ in range(3)]
    catalogue.achievement(published=False, price_fen=2_000_000)
    seeker = demands.demand(budget_max_fen=1_000_000)
    told = {}
    for most in (1, 2, 3):
        monkeypatch.setattr(counting, "MOST", most)
        judged = conditions.on_supply(seeker, declined=[one.pk for one in dear])
        with django_assert_num_queries(1):
            told[most] = [(one.name, one.removed, one.more) for one in judged.stated]
    assert told == {most: [("budget", most, most < 3), ("declined", most, most < 3)] for most in (1, 2, 3)}  # the draft makes nothing more
