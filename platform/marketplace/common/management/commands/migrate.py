"""`migrate` beside a site in use: no lock is waited for longer than visitors wait, and what was refused one is tried again."""

import time
from typing import Any

from django.core.management.base import CommandError
from django.core.management.commands.migrate import Command as Migrate
from django.db import OperationalError, connections

# Who waits for a table holds up all who come after: shorter than the three seconds that a request waits (DB_LOCK_SECONDS).
PATIENCE_SECONDS = 2.0
REST_SECONDS = 1.0
TRIES = 30
# What whoever wants a lock may be told: lock_not_available, deadlock_detected (PostgreSQL, appendix A).
IN_USE = {"55P03", "40P01"}


class Command(Migrate):
    """Django's own command, impatient with locks.

    A migration that waits for a lock for PATIENCE_SECONDS is undone whole and tried again, TRIES times in all; what was applied
    before it stays. One that is not atomic is undone as far as its statements are.
    """

    def handle(self, *args: Any, **options: Any) -> None:
        """Apply what is asked. Raises CommandError where a table was never free."""
        connection = connections[options["database"]]
        try:
            for _ in range(TRIES):
                with connection.cursor() as cursor:  # a connection may be a new one
                    cursor.execute("SELECT set_config('lock_timeout', %s, false)", [f"{PATIENCE_SECONDS * 1000:.0f}ms"])
                try:
                    super().handle(*args, **options)
                except OperationalError as busy:
                    if getattr(busy.__cause__, "pgcode", None) not in IN_USE:
                        raise
                    self.stderr.write(f"A table is in use; tried again in {REST_SECONDS:.0f} s: {busy}".strip())
                    time.sleep(REST_SECONDS)
                else:
                    return
            raise CommandError(f"A table was in use at each of {TRIES} tries: end what holds it, and start again.")
        finally:
            if connection.is_usable():
                with connection.cursor() as cursor:
                    cursor.execute("RESET lock_timeout")
