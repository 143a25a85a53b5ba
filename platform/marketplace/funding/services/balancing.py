"""What the books must say of every campaign, and of every payment on its way to a bank."""

from marketplace.common.text import bi
from marketplace.treasury.services.checking import Rule

CAMPAIGN_ESCROW = Rule(
    code="B2a",
    title=bi("每个募资项目的托管余额等于其认筹", "Each campaign's escrow is the sum of its pledges"),
    advice=bi("停止该项目的划付，逐笔核对其认筹与转账。", "Stop this campaign's payments and go through its pledges and transfers."),
    sql="""
        SELECT 'campaign ' || c.id,
               format('state %s: escrow %s held %s, pledges captured %s held %s', c.state, a.balance, a.pending_in, p.captured, p.held)
        FROM funding_campaign c
        JOIN (SELECT owner_id, posted_in - posted_out AS balance, pending_in FROM treasury_account
              WHERE kind = 'campaign_escrow') a ON a.owner_id = c.id
        CROSS JOIN LATERAL (
            SELECT coalesce(sum(captured_fen - refunded_fen) FILTER (WHERE state IN ('captured', 'partially_refunded')), 0) AS captured,
                   coalesce(sum(fen) FILTER (WHERE state IN ('cooling_off', 'firm')), 0) AS held
            FROM funding_pledge WHERE campaign_id = c.id) p
        WHERE a.pending_in <> p.held
           OR (c.state IN ('successful', 'funded') AND a.balance <> p.captured)
           OR (c.state IN ('disbursing', 'closed', 'failed_closed', 'cancelled_closed') AND a.balance <> 0)
    """,
)

CAMPAIGN_TOTALS = Rule(
    code="B4b",
    title=bi("每个募资项目的认筹合计等于其认筹，且不超过上限", "Each campaign's totals are those of its pledges, and within its cap"),
    advice=bi("停止该项目的认筹与清算，以认筹为准查明差额。", "Stop pledges and clearing of this campaign: the pledges are the truth."),
    sql="""
        SELECT 'campaign ' || c.id, format('held %s captured %s of %s, pledges held %s captured %s', c.held_fen, c.captured_fen,
                                           c.optimum_fen, p.held, p.captured)
        FROM funding_campaign c
        CROSS JOIN LATERAL (
            SELECT coalesce(sum(captured_fen), 0) AS captured,
                   coalesce(sum(fen) FILTER (WHERE state IN ('cooling_off', 'firm')), 0) AS held
            FROM funding_pledge WHERE campaign_id = c.id) p
        WHERE (c.held_fen, c.captured_fen) <> (p.held, p.captured) OR c.held_fen + c.captured_fen > c.optimum_fen
    """,
)

IN_TRANSIT = Rule(
    code="B9a",
    title=bi("在途金额等于已发往银行的划付与退回之和", "What is in transit is the payouts and returns at the bank"),
    advice=bi("停止划付，逐笔核对在途的付款。", "Stop paying out and go through the payments on their way."),
    sql="""
        SELECT 'in transit', format('books %s fen, payouts %s, returns %s', books.fen, payouts.fen, returns.fen)
        FROM (SELECT coalesce(sum(posted_in - posted_out), 0) AS fen FROM treasury_account WHERE kind = 'in_transit') books,
             (SELECT coalesce(sum(fen), 0) AS fen FROM funding_payout WHERE state IN ('processing', 'unknown')) payouts,
             (SELECT coalesce(sum(l.fen), 0) AS fen FROM treasury_linedecision d JOIN treasury_statementline l ON l.id = d.line_id
              WHERE d.state IN ('scheduled', 'processing', 'bank_refused')) returns
        WHERE books.fen <> payouts.fen + returns.fen
    """,
)

IN_ONE_FILE = Rule(
    code="B9b",
    title=bi("每笔经银行划付或退回的款项恰在一个付款文件中", "Each payout or return that went to a bank is in exactly one payment file"),
    advice=bi("立即与银行核对该笔是否已付，再决定重付。", "Ask the bank at once whether this was paid before paying it again."),
    sql="""
        SELECT 'payout ' || p.reference, format('%s fen at the bank, in a file: %s fen', p.fen, coalesce(i.fen::text, 'none'))
        FROM funding_payout p
        LEFT JOIN treasury_paymentinstruction i ON i.end_to_end_id = p.reference AND i.kind = 'payout' AND i.object_id = p.id
        WHERE p.gateway = 'bank_transfer' AND p.state IN ('processing', 'unknown', 'paid', 'settled', 'reversed', 'failed')
          AND (i.id IS NULL OR i.fen <> p.fen)
        UNION ALL
        SELECT 'return ' || d.reference, format('%s fen at the bank, in a file: %s fen', l.fen, coalesce(i.fen::text, 'none'))
        FROM treasury_linedecision d JOIN treasury_statementline l ON l.id = d.line_id
        LEFT JOIN treasury_paymentinstruction i ON i.end_to_end_id = d.reference AND i.kind = 'line_return' AND i.object_id = d.id
        WHERE d.state IN ('processing', 'bank_refused', 'returned') AND (i.id IS NULL OR i.fen <> l.fen)
    """,
)

NO_MORE_THAN_SENT = Rule(
    code="B9c",
    title=bi("付款文件中的每一笔都有一次对应的发出", "Each payment in a file was sent once by what it pays"),
    advice=bi("立即与银行核对该文件，并查明谁加入了此笔。", "Hold this file against the bank's at once, and find who put this payment in."),
    sql="""
        SELECT told.kind || ' ' || told.object_id, format('%s times in files, sent %s times', told.times, sent.times)
        FROM (SELECT kind, object_id, count(*) AS times FROM treasury_paymentinstruction GROUP BY kind, object_id) told
        CROSS JOIN LATERAL (
            SELECT count(*) AS times FROM workflow_change c WHERE c.object_id = told.object_id AND c.action = 'send'
               AND c.machine = CASE told.kind WHEN 'line_return' THEN 'line_decision' ELSE told.kind END) sent
        WHERE told.times > sent.times
        UNION ALL
        SELECT 'order ' || o.number, format('%s payments of %s fen, in it %s of %s fen', o.payments, o.fen, i.payments, i.fen)
        FROM treasury_paymentorder o
        CROSS JOIN LATERAL (
            SELECT count(*) AS payments, coalesce(sum(fen), 0) AS fen FROM treasury_paymentinstruction WHERE order_id = o.id) i
        WHERE o.state = 'made' AND (o.payments, o.fen) <> (i.payments, i.fen)
    """,
)

RULES = (CAMPAIGN_ESCROW, CAMPAIGN_TOTALS, IN_TRANSIT, IN_ONE_FILE, NO_MORE_THAN_SENT)
