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
        books = [f"{finding.rule.code} {finding.what}: {finding.detail}" for finding in checking.findings()]
        found = books + [f"ledger {finding.seq}: {finding.words}" for finding in ledger.audit()]
        self.sound = self.sound if found else moved
        return found


judge = Judge()
