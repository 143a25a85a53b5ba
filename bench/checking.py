"""How long `manage.py check_books` takes over books of any size, and how much memory: a program of its own, as in life.

The books are made in bulk by the tables' owner, guards lowered: half plain transfers, a quarter holds and a quarter holds posted, each
with its ledger entry, and the totals that belong to them. The command judges them like any others.
"""

import sys

import programs
from databases import ROOT
from figures import Figures

WALLETS = 500
EACH_FEN = 10**9
# Four in a row: two transfers, a hold, and that hold posted.
TRANSFERS = """
INSERT INTO treasury_transfer (id, group_id, kind, source_id, target_id, fen, currency, code, created_at, pending_id)
SELECT md5('transfer ' || n)::uuid, md5('group ' || n)::uuid, (ARRAY['posted', 'posted', 'pending', 'post'])[1 + n %% 4],
       wallets[1 + pair %% size], wallets[1 + (pair + 1 + pair %% (size - 1)) %% size], 1, 'CNY', 'bench', now(),
       CASE n %% 4 WHEN 3 THEN md5('transfer ' || pair)::uuid END
FROM (SELECT n, n - (n %% 4) / 3 AS pair, %s::uuid[] AS wallets, %s AS size FROM generate_series(0, %s) AS n) AS made
"""
TOTALS = """
WITH moved AS (SELECT source_id, target_id, fen FROM treasury_transfer WHERE code = 'bench' AND kind <> 'pending' AND id IN (
    SELECT md5('transfer ' || n)::uuid FROM generate_series(0, %s) AS n
)), legs AS (SELECT source_id AS id, fen AS went, 0 AS came FROM moved UNION ALL SELECT target_id, 0, fen FROM moved)
UPDATE treasury_account AS a SET posted_out = posted_out + s.went, posted_in = posted_in + s.came
FROM (SELECT id, sum(went) AS went, sum(came) AS came FROM legs GROUP BY id) AS s WHERE s.id = a.id
"""
SUBJECTS = """
INSERT INTO ledger_subject (id, kind, object_id, type, public, money)
SELECT id, 'bench', id, 'bench.paid', false, true FROM (SELECT md5('group ' || n)::uuid AS id FROM generate_series(0, %s) AS n) AS made
"""
ENTRIES = """
INSERT INTO ledger_entry (seq, id, type, at, leaf_hash, bytes, sequenced_at)
SELECT n, md5('group ' || n)::uuid, 'sealed', now(), sha256('\\x00'::bytea || raw), raw, now()
FROM (SELECT n, convert_to(repeat('x', 480) || n, 'UTF8') AS raw FROM generate_series(0, %s) AS n) AS made
"""


def measure(figures: Figures, transfers: int) -> None:
    """Take the figures at so many transfers, to the next four."""
    number = -(-transfers // 4) * 4
    figures.tell(f"making books of {number:,} transfers, by a few statements")
    _fill(number)
    spent = programs.run([sys.executable, str(ROOT / "manage.py"), "check_books"], programs.environment_of_an_app())
    figures.take(f"check_books at {number:,} transfers", spent.seconds, "s")
    figures.take("of these at work in the process itself", spent.processor, "CPU s")
    figures.take("largest resident memory of check_books", spent.memory, "MiB")


def _fill(number: int) -> None:
    from django.db import connections, transaction  # noqa: PLC0415 - after set_up()

    from tests.factories.guards import guards_down  # noqa: PLC0415 - after set_up()
    from tests.factories.treasury import funded_wallet  # noqa: PLC0415 - after set_up()

    wallets = [str(funded_wallet(EACH_FEN).pk) for _ in range(WALLETS)]
    with guards_down("treasury_transfer", "treasury_account"), connections["owner"].cursor() as cursor:
        cursor.execute(TRANSFERS, [wallets, len(wallets), number - 1])
        cursor.execute(TOTALS, [number - 1])
        cursor.execute(SUBJECTS, [number - 1])
    with transaction.atomic(using="sequencer"), connections["sequencer"].cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute(ENTRIES, [number - 1])
    with connections["owner"].cursor() as cursor:
        cursor.execute("ANALYZE")
