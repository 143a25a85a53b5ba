"""What the books must say of every agreement."""

from marketplace.common.text import bi
from marketplace.treasury.services.checking import Rule

AGREEMENT_ESCROW = Rule(
    code="B2b",
    title=bi("每份协议的托管余额等于未放款的里程碑", "Each agreement's escrow is the sum of its unreleased milestones"),
    advice=bi("暂停该协议的放款，逐笔核对其里程碑与转账。", "Stop this agreement's releases and go through its milestones and transfers."),
    sql="""
        SELECT 'agreement ' || g.id, format('state %s: escrow %s, unreleased milestones %s', g.state, a.balance, m.open)
        FROM agreements_agreement g
        JOIN (SELECT owner_id, posted_in - posted_out AS balance FROM treasury_account
              WHERE kind = 'agreement_escrow') a ON a.owner_id = g.id
        CROSS JOIN LATERAL (
            SELECT coalesce(sum(fen) FILTER (WHERE state NOT IN ('released', 'cancelled')), 0) AS open
            FROM agreements_milestone WHERE agreement_id = g.id) m
        WHERE a.balance <> CASE WHEN g.state = 'active' THEN m.open ELSE 0 END
    """,
)
