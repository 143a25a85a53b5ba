"""Check the books: recompute everything from the transfers alone and name whatever does not agree.

Each rule is one query that answers only what is wrong, read row by row in one REPEATABLE READ
snapshot: the database sorts and sums on its own disk, so memory does not grow with the books.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import connection, transaction

from marketplace.common.text import bi
from marketplace.workflow import registry

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

CHUNK = 1000
# A rule over all books takes longer than a page may; whatever takes longer than this is stuck.
LONGEST = "600s"


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing that is always true, and a query of two text columns (what, how it differs) for where it is not."""

    code: str
    title: "StrPromise"
    advice: "StrPromise"
    sql: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One place where a rule does not hold: the row concerned, how it differs, and what to do."""

    rule: Rule
    what: str
    detail: str


TOTALS = Rule(
    code="B1",
    title=bi("每个账户的合计与全部转账重算一致", "Each account's totals are what its transfers make them"),
    advice=bi(
        "停止划付；以转账为准，查明谁绕过触发器改了合计。",
        "Stop paying out: the transfers are the truth; find who changed totals round the trigger.",
    ),
    sql="""
        WITH steps AS (
            SELECT t.source_id, t.target_id,
                   CASE WHEN t.kind IN ('posted', 'post') THEN t.fen ELSE 0 END AS moved,
                   CASE WHEN t.kind = 'pending' THEN t.fen WHEN t.pending_id IS NOT NULL THEN -h.fen ELSE 0 END AS held
            FROM treasury_transfer t LEFT JOIN treasury_transfer h ON h.id = t.pending_id
        ), legs AS (
            SELECT source_id AS id, 0 AS posted_in, moved AS posted_out, 0 AS pending_in, held AS pending_out FROM steps
            UNION ALL SELECT target_id, moved, 0, held, 0 FROM steps
        ), sums AS (
            SELECT id, sum(posted_in) AS posted_in, sum(posted_out) AS posted_out, sum(pending_in) AS pending_in,
                   sum(pending_out) AS pending_out FROM legs GROUP BY id
        )
        SELECT a.kind || ' ' || a.id,
               format('in %s/%s out %s/%s pending in %s/%s out %s/%s (kept/recomputed)', a.posted_in, coalesce(s.posted_in, 0),
                      a.posted_out, coalesce(s.posted_out, 0), a.pending_in, coalesce(s.pending_in, 0),
                      a.pending_out, coalesce(s.pending_out, 0))
        FROM treasury_account a LEFT JOIN sums s USING (id)
        WHERE (a.posted_in, a.posted_out, a.pending_in, a.pending_out)
              <> (coalesce(s.posted_in, 0), coalesce(s.posted_out, 0), coalesce(s.pending_in, 0), coalesce(s.pending_out, 0))
    """,
)

NOT_NEGATIVE = Rule(
    code="B3",
    title=bi("除存管镜像与欠款外没有账户为负，欠款不为正", "No account but custody's mirror and debts is below zero, and no debt above"),
    advice=bi("冻结该账户的划付，查其转账。", "Stop payments from this account and look through its transfers."),
    sql="""
        SELECT kind || ' ' || id, format('available %s fen', posted_in - posted_out - pending_out) FROM treasury_account
        WHERE (kind NOT IN ('custody', 'debt') AND posted_in - posted_out - pending_out < 0)
           OR (kind = 'debt' AND posted_in + pending_in > posted_out)
    """,
)

HOLDS = Rule(
    code="B4",
    title=bi("每笔冻结至多处理一次，且不多于所冻结", "Each hold is resolved at most once, for no more than was held"),
    advice=bi("以先发生者为准，用一笔新转账更正。", "The earlier one stands: correct the other by a new transfer."),
    sql="""
        SELECT 'hold ' || h.id, format('%s resolutions, %s of %s fen', count(*), sum(r.fen), h.fen)
        FROM treasury_transfer r JOIN treasury_transfer h ON h.id = r.pending_id
        GROUP BY h.id
        HAVING count(*) > 1 OR sum(r.fen) > h.fen OR h.kind <> 'pending'
            OR bool_or((r.source_id, r.target_id, r.currency) <> (h.source_id, h.target_id, h.currency))
    """,
)

PROVED = Rule(
    code="B5a",
    title=bi("每组转账恰有一条账本记录", "Each transfer group has exactly one ledger intent or entry"),
    advice=bi(
        "核对该组转账来自哪次操作；账本不补记，须以新转账冲回。",
        "Find the change behind the group: the ledger is not written afterwards, reverse by a new transfer.",
    ),
    sql="""
        SELECT 'group ' || g.group_id,
               format('%s ledger records that move money', CASE WHEN s.id IS NULL THEN 0 ELSE num_nonnulls(i.id, e.id) END)
        FROM (SELECT DISTINCT group_id FROM treasury_transfer) g
        LEFT JOIN ledger_subject s ON s.id = g.group_id AND s.money
        LEFT JOIN ledger_inbox i ON i.id = g.group_id
        LEFT JOIN ledger_entry e ON e.id = g.group_id
        WHERE s.id IS NULL OR num_nonnulls(i.id, e.id) <> 1
    """,
)

MOVED = Rule(
    code="B5b",
    title=bi("每条资金账本记录都有其转账", "Each ledger record that moves money has its transfers"),
    advice=bi(
        "该操作声明动了资金却无转账：查其服务代码与当日备份。",
        "The change says that money moved and none did: look at its service and that day's backup.",
    ),
    sql="""
        SELECT 'intent ' || s.id, s.type FROM ledger_subject s
        WHERE s.money AND NOT EXISTS (SELECT 1 FROM treasury_transfer t WHERE t.group_id = s.id)
    """,
)

BANK = Rule(
    code="B8",
    title=bi("每条充值明细恰对应一笔等额充值，反之亦然", "Each booked bank line is one top-up of the same amount, and the reverse"),
    advice=bi("与银行核对该流水，再以新转账更正。", "Compare the line with the bank, then correct by a new transfer."),
    sql="""
        SELECT coalesce('line ' || l.bank_line_id, 'group ' || t.group_id),
               format('bank %s fen, books %s fen', coalesce(l.fen::text, 'no'), coalesce(t.fen::text, 'no'))
        FROM (SELECT * FROM treasury_statementline WHERE matched_kind = 'organisation_wallet') l
        FULL JOIN (SELECT * FROM treasury_transfer WHERE code = 'treasury.topup') t ON t.group_id = l.id
        WHERE l.id IS NULL OR t.id IS NULL OR l.fen <> t.fen OR t.kind <> 'posted'
    """,
)

TAKEN_BACK = Rule(
    code="B8b",
    title=bi(
        "每条被银行撤回的来款，从钱包与欠款中恰扣同额",
        "Each top-up that the bank took back left the wallet and its debt by the same amount",
    ),
    advice=bi("停止该单位的付款，与银行核对这两条流水。", "Stop this organisation's payments and compare both lines with the bank."),
    sql="""
        SELECT 'line ' || coalesce(o.bank_line_id, t.group_id::text),
               format('bank %s fen, books %s fen, top-up %s fen', coalesce(o.fen::text, 'no'), coalesce(t.fen::text, 'no'),
                      coalesce(i.fen::text, 'no'))
        FROM (SELECT * FROM treasury_statementline WHERE matched_kind = 'charge_back') o
        FULL JOIN (SELECT group_id, sum(fen) AS fen, count(DISTINCT a.owner_id) AS owners,
                          min(a.owner_id::text) AS owner FROM treasury_transfer
                   JOIN treasury_account a ON a.id = source_id WHERE code = 'treasury.charge_back' GROUP BY group_id) t ON t.group_id = o.id
        LEFT JOIN treasury_linedecision d ON d.line_id = o.matched_id AND d.kind = 'return' AND d.state = 'booked'
        LEFT JOIN treasury_statementline i ON i.id = o.matched_id AND (i.matched_kind = 'organisation_wallet' OR d.id IS NOT NULL)
        LEFT JOIN treasury_account w ON w.id = i.matched_id
        WHERE o.id IS NULL OR t.fen IS DISTINCT FROM o.fen OR i.fen IS DISTINCT FROM o.fen OR o.direction <> 'out'
           OR t.owners <> 1 OR t.owner IS DISTINCT FROM coalesce(w.owner_id, d.call_off_to_id)::text
        UNION ALL
        SELECT 'top-up ' || matched_id, format('taken back %s times', count(*))
        FROM treasury_statementline WHERE matched_kind = 'charge_back' GROUP BY matched_id HAVING count(*) > 1
    """,
)

_rules: list[Rule] = [TOTALS, NOT_NEGATIVE, HOLDS, PROVED, MOVED, BANK, TAKEN_BACK]


def add_rule(rule: Rule) -> None:
    """Let a room above add what must agree with its own tables, such as a campaign's escrow with its pledges."""
    if rule.code in {known.code for known in _rules}:
        raise ValueError(f"A rule {rule.code} is there already.")
    _rules.append(rule)


def rules() -> tuple[Rule, ...]:
    """Every rule, the treasury's own first, and the one that follows from all tables of states."""
    return (*_rules, _standing())


def _standing() -> Rule:
    """Each state is where the object's trail has led, and whatever has ended has not moved since.

    A trail is a walk: the one state that was entered once more than it was left is where the object stands, in
    whatever order the rows are read. What came by an import has no creation in its trail, so that one may also
    have walked back to where it began.
    """
    machines = registry.everyone()
    ends = [(found.machine.name, name) for found in machines for name, state in found.machine.states.items() if state.final]
    names = ", ".join(f"('{machine}', '{state}')" for machine, state in ends)
    objects = " UNION ALL ".join(f"SELECT '{one.machine.name}' AS machine, id, state FROM {one.model._meta.db_table}" for one in machines)  # noqa: S608 - our own names # nosec B608
    return Rule(
        code="B7",
        title=bi(
            "每个对象都在台账所至的状态，终态之后再无变动",
            "Each object stands where its trail leads, and no end is left",
        ),
        advice=bi("查明谁绕过触发器改了状态；以台账与账本为准。", "Find who changed a state round the trigger: the trail is the truth."),
        sql=f"""
            WITH walks AS (
                SELECT o.machine, o.id, o.state, count(*) FILTER (WHERE c.target = o.state) AS entered,
                       count(*) FILTER (WHERE c.source = o.state) AS departed, bool_or(c.source = '') AS created
                FROM ({objects}) o JOIN workflow_change c ON c.machine = o.machine AND c.object_id = o.id
                GROUP BY o.machine, o.id, o.state
            )
            SELECT w.machine || ' ' || w.id, format('is %s, its trail leads to %s', w.state,
                   (SELECT c.target FROM workflow_change c WHERE c.machine = w.machine AND c.object_id = w.id
                    ORDER BY c.at DESC, c.id DESC LIMIT 1))
            FROM walks w
            WHERE entered - departed <> 1 AND (created OR entered = 0 OR entered <> departed)
            UNION ALL
            SELECT machine || ' ' || object_id, format('%s from %s to %s at %s', action, source, target, at)
            FROM workflow_change WHERE (machine, source) IN ({names})
        """,  # noqa: S608 - names of our own tables of states # nosec B608
    )


def check() -> list[Finding]:
    """Whatever is wrong with the books now: nothing, when they are clean."""
    return list(findings())


def findings() -> Iterator[Finding]:
    """The same, one by one, in one snapshot of the database."""
    with _snapshot():
        for rule in rules():
            yield from _broken(rule)


def _broken(rule: Rule) -> Iterator[Finding]:
    with connection.chunked_cursor() as cursor:
        cursor.execute(rule.sql)
        while rows := cursor.fetchmany(CHUNK):
            for what, detail in rows:
                yield Finding(rule, what, detail)


@contextmanager
def _snapshot() -> Iterator[None]:
    outermost = not connection.in_atomic_block
    with transaction.atomic():
        if outermost:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
                cursor.execute("SELECT set_config('statement_timeout', %s, true)", [LONGEST])
        yield
