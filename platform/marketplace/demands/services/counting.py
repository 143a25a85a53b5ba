"""How many public things each condition takes out: exactly where they are few, and that they are more than a thousand where they are many.

Nobody needs the difference between forty thousand and forty-one, and to know it each page would look through the corpus.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import QuerySet, Value

from marketplace.common.prepared import kept_cursor
from marketplace.demands.services import corpora
from marketplace.demands.services.faults import Fault

MOST = 1_000


def taken_out(corpus: str, now: datetime, faults: Sequence[Fault]) -> tuple[int, ...]:
    """What each reason alone takes out of what is public and has not lapsed, at most one more than MOST: one statement.

    For each piece of a reason an index is read until there are enough, so what it leaves is not looked at (the indexes that are named
    after conditions, on achievements and demands).
    """
    there = corpora.public(corpus).exclude(corpora.lapsed(corpus, now)).order_by()
    written = [_counted(there, fault) for fault in faults]
    with kept_cursor() as cursor:
        cursor.execute("SELECT " + ", ".join(sentence for sentence, _ in written), [value for _, values in written for value in values])
        row: tuple[int, ...] = cursor.fetchone()
    return row


def _counted(there: QuerySet[Any], fault: Fault) -> tuple[str, Sequence[Any]]:
    pieces = [there.filter(piece).values_list(Value(1)).query.sql_with_params() for piece in fault.pieces]
    if not pieces:
        return "0", ()
    found = " UNION ALL ".join(sentence for sentence, _ in pieces)
    sentence = f"(SELECT count(*) FROM ({found} LIMIT {MOST + 1}) AS found)"  # noqa: S608 - what the ORM wrote # nosec B608
    return sentence, [value for _, values in pieces for value in values]
