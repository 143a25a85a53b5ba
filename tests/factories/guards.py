"""What the owner of the tables can do and nobody else: lower the guards, tamper, put them back."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connections


@contextmanager
def guards_down(*tables: str) -> Iterator[None]:
    """Within, no trigger of these tables looks at what is written."""
    with connections["owner"].cursor() as cursor:
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    try:
        yield
    finally:
        with connections["owner"].cursor() as cursor:
            for table in tables:
                cursor.execute("SELECT tgname FROM pg_trigger WHERE tgrelid = %s::regclass AND NOT tgisinternal", [table])
                for (name,) in cursor.fetchall():
                    cursor.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}")


def as_owner(sentence: str, *values: Any) -> None:
    """One statement on the owner's own connection."""
    with connections["owner"].cursor() as cursor:
        cursor.execute(sentence, values)
