"""What the owner of the tables can do and nobody else: lower the guards, tamper, put them back."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connections

# pg_trigger.tgenabled: how a trigger that stands so is put back.
STANDS = {"O": "ENABLE", "A": "ENABLE ALWAYS", "R": "ENABLE REPLICA", "D": "DISABLE"}


@contextmanager
def guards_down(*tables: str) -> Iterator[None]:
    """Within, no trigger of these tables looks at what is written; afterwards each stands as it stood before."""
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "SELECT tgrelid::regclass::text, tgname, tgenabled FROM pg_trigger WHERE tgrelid = ANY(%s::regclass[]) AND NOT tgisinternal",
            [list(tables)],
        )
        stood = cursor.fetchall()
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    try:
        yield
    finally:
        with connections["owner"].cursor() as cursor:
            for table, name, awake in stood:
                cursor.execute(f"ALTER TABLE {table} {STANDS[awake]} TRIGGER {name}")


def as_owner(sentence: str, *values: Any) -> None:
    """One statement on the owner's own connection."""
    with connections["owner"].cursor() as cursor:
        cursor.execute(sentence, values)
