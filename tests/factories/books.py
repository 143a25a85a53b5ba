"""What every test that moves money leaves behind is judged: the books by their own check, the ledger by its audit."""

from django.db import connection
from psycopg2.extensions import TRANSACTION_STATUS_INERROR

from ledger.app import services as ledger
from marketplace.treasury.services import checking

# Ids grow with time. Money may also be said to have moved where no transfer was made.
MOVED = """
SELECT (SELECT id FROM treasury_transfer ORDER BY id DESC LIMIT 1), (SELECT count(*) FROM ledger_subject WHERE money)
"""
NOTHING = (None, 0)


def of_the_books() -> list[str]:
    """Whatever the check of the books finds (B1 to B5, B7 to B10), in words."""
    return [f"{finding.rule.code} {finding.what}: {finding.detail}" for finding in checking.findings()]


def of_the_ledger() -> list[str]:
    """Whatever the ledger's audit finds (B6), in words."""
    return [f"ledger {finding.seq}: {finding.words}" for finding in ledger.audit()]


def everything_wrong() -> list[str]:
    """B1 to B10 in one answer: empty when all is well. What every test of faults asks at its end."""
    return [*of_the_books(), *of_the_ledger()]


class Judge:
    """Looks at the books after each test; what it has found sound, and has not moved since, it does not read again."""

    def __init__(self) -> None:
        self.sound: tuple[object, ...] = NOTHING

    def findings(self) -> list[str]:
        """Whatever is wrong, in words; nothing where no money has moved, or nothing remains of a broken transaction."""
        if connection.connection is not None and connection.connection.info.transaction_status == TRANSACTION_STATUS_INERROR:
            return []
        with connection.cursor() as cursor:
            cursor.execute(MOVED)
            moved = tuple(cursor.fetchone())
        if moved in (NOTHING, self.sound):
            return []
        found = everything_wrong()
        self.sound = self.sound if found else moved
        return found


judge = Judge()
