"""What the books must say of every agreement, and of every fen of later revenue."""

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

REVENUE_PARTS = Rule(
    code="B10a",
    title=bi("每期分配之和等于该期核实的金额", "What a report divides sums to its verified amount, in lines and in transfers"),
    advice=bi("停止该协议的分配，逐行核对分配明细与转账。", "Stop this agreement's distributions and go through lines and transfers."),
    sql="""
        SELECT 'revenue report ' || r.id, format('%s: %s fen to divide, lines %s, transfers %s', r.state, d.due, l.fen, t.fen)
        FROM agreements_revenuereport r
        CROSS JOIN LATERAL (SELECT CASE WHEN r.state = 'distributed' THEN r.shared_fen ELSE 0 END AS due) d
        CROSS JOIN LATERAL (SELECT coalesce(sum(fen), 0) AS fen FROM agreements_distribution WHERE report_id = r.id) l
        CROSS JOIN LATERAL (
            SELECT coalesce(sum(t.fen), 0) AS fen FROM workflow_change c JOIN treasury_transfer t ON t.group_id = c.id
            WHERE c.machine = 'revenue' AND c.object_id = r.id AND c.action = 'distribute') t
        WHERE l.fen <> d.due OR t.fen <> d.due
    """,
)

REVENUE_CAPS = Rule(
    code="B10b",
    title=bi("累计归还的成本与各认筹的累计所得不超过约定上限", "Over all reports neither costs nor any pledge passes its agreed cap"),
    advice=bi(
        "停止该协议的分配；多付的部分须以新转账收回。",
        "Stop this agreement's distributions; take back what is too much.",
    ),
    sql="""
        WITH lines AS (
            SELECT r.agreement_id, l.tier, l.pledge_id, l.organisation_id, sum(l.fen) AS fen
            FROM agreements_distribution l JOIN agreements_revenuereport r ON r.id = l.report_id
            GROUP BY r.agreement_id, l.tier, l.pledge_id, l.organisation_id
        )
        SELECT 'pledge ' || p.id, format('received %s fen, at most %s', l.fen, floor(p.captured_fen::numeric * g.funders_cap_bp / 10000))
        FROM lines l JOIN funding_pledge p ON p.id = l.pledge_id JOIN agreements_agreement g ON g.id = l.agreement_id
        WHERE l.fen > p.captured_fen::numeric * g.funders_cap_bp / 10000
           OR p.organisation_id <> l.organisation_id OR p.campaign_id IS DISTINCT FROM g.campaign_id
        UNION ALL
        SELECT 'agreement ' || g.id, format('costs %s fen, agreed %s, evidenced %s', l.fen, g.costs_cap_fen, e.fen)
        FROM lines l JOIN agreements_agreement g ON g.id = l.agreement_id
        CROSS JOIN LATERAL (
            SELECT coalesce(sum(costs_fen), 0) AS fen FROM agreements_revenuereport WHERE agreement_id = g.id AND state = 'distributed') e
        WHERE l.tier = 1 AND (l.fen > g.costs_cap_fen OR l.fen > e.fen)
    """,
)

REVENUE_PAID_IN = Rule(
    code="B10c",
    title=bi("每份协议收益专户的余额等于已缴入而未分配的申报", "Each revenue account holds what is paid in and not divided yet"),
    advice=bi("停止该协议的分配，核对其申报与转账。", "Stop this agreement's distributions and compare its reports with the transfers."),
    sql="""
        SELECT 'agreement ' || a.owner_id, format('revenue account %s fen, reports %s', a.posted_in - a.posted_out, r.fen)
        FROM treasury_account a
        CROSS JOIN LATERAL (
            SELECT coalesce(sum(shared_fen), 0) AS fen FROM agreements_revenuereport
            WHERE agreement_id = a.owner_id AND state IN ('paid_in', 'approved')) r
        WHERE a.kind = 'revenue' AND a.posted_in - a.posted_out <> r.fen
    """,
)

RULES = (AGREEMENT_ESCROW, REVENUE_PARTS, REVENUE_CAPS, REVENUE_PAID_IN)
