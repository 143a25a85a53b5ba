"""What the books must say of every campaign, and of every payment on its way to a bank."""

from marketplace.common.text import bi
from marketplace.treasury.services.checking import Rule

CAMPAIGN_ESCROW = Rule(
    code="B2a",
    title=bi("每个募资项目的托管余额等于其认筹与配套", "Each campaign's escrow is the sum of its pledges and their top-ups"),
    advice=bi("停止该项目的划付，逐笔核对其认筹与转账。", "Stop this campaign's payments and go through its pledges and transfers."),
    sql="""
        SELECT 'campaign ' || c.id,
               format('state %s: escrow %s held %s, pledges captured %s held %s', c.state, a.balance, a.pending_in, p.captured, p.held)
        FROM funding_campaign c
        JOIN (SELECT owner_id, posted_in - posted_out AS balance, pending_in FROM treasury_account
              WHERE kind = 'campaign_escrow') a ON a.owner_id = c.id
        CROSS JOIN LATERAL (
            SELECT coalesce(sum(o.captured_fen - o.refunded_fen + coalesce(t.captured_fen - t.refunded_fen, 0))
                            FILTER (WHERE o.state IN ('captured', 'partially_refunded')), 0) AS captured,
                   coalesce(sum(o.fen + coalesce(t.fen, 0)) FILTER (WHERE o.state IN ('cooling_off', 'firm')), 0) AS held
            FROM funding_pledge o LEFT JOIN funding_topup t ON t.pledge_id = o.id WHERE o.campaign_id = c.id) p
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
        SELECT 'campaign ' || c.id, format('held %s captured %s topped up %s of %s, pledges held %s captured %s topped up %s',
                                           c.held_fen, c.captured_fen, c.matched_fen, c.optimum_fen, p.held, p.captured, p.matched)
        FROM funding_campaign c
        CROSS JOIN LATERAL (
            SELECT coalesce(sum(o.captured_fen), 0) AS captured,
                   coalesce(sum(o.fen) FILTER (WHERE o.state IN ('cooling_off', 'firm')), 0) AS held,
                   coalesce(sum(CASE WHEN o.state IN ('cooling_off', 'firm') THEN t.fen ELSE t.captured_fen END), 0) AS matched
            FROM funding_pledge o LEFT JOIN funding_topup t ON t.pledge_id = o.id WHERE o.campaign_id = c.id) p
        WHERE (c.held_fen, c.captured_fen, c.matched_fen) <> (p.held, p.captured, p.matched)
           OR c.held_fen + c.captured_fen + c.matched_fen > c.optimum_fen
    """,
)

POOL_MONEY = Rule(
    code="B2c",
    title=bi("每个引导基金的账户等于其未划转的配套", "Each pool's account holds what its top-ups say"),
    advice=bi("停止该引导基金的配套，逐笔核对其转账。", "Stop this pool's top-ups and go through its transfers."),
    sql="""
        SELECT 'pool ' || m.id, format('state %s: account left %s held %s paid %s, top-ups held %s captured %s', m.state,
                                       a.balance - a.pending_out, a.pending_out, a.paid, t.held, t.captured)
        FROM funding_matchingpool m
        JOIN (SELECT b.id, b.owner_id, b.posted_in - b.posted_out AS balance, b.pending_out,
                     coalesce((SELECT sum(f.fen) FROM treasury_transfer f
                               WHERE f.source_id = b.id AND f.kind = 'post' AND f.code = 'pool.top_up'), 0) AS paid
              FROM treasury_account b WHERE b.kind = 'matching_pool') a ON a.owner_id = m.id
        CROSS JOIN LATERAL (
            SELECT coalesce(sum(u.fen) FILTER (WHERE p.state IN ('cooling_off', 'firm')), 0) AS held,
                   coalesce(sum(u.captured_fen), 0) AS captured
            FROM funding_topup u JOIN funding_pledge p ON p.id = u.pledge_id WHERE u.pool_id = m.id) t
        WHERE (a.pending_out, a.paid) <> (t.held, t.captured) OR (m.state = 'closed' AND a.balance <> a.pending_out)
        UNION ALL
        SELECT 'top-up ' || u.id, format('%s fen, held %s, of a pledge of %s fen', u.fen, h.fen, p.fen)
        FROM funding_topup u JOIN funding_pledge p ON p.id = u.pledge_id JOIN funding_matchingpool m ON m.id = u.pool_id
        JOIN treasury_transfer h ON h.id = u.hold_id
        WHERE u.fen <> h.fen OR u.fen > least(m.pledge_cap_fen, p.fen * m.ratio_bp / 10000) OR p.organisation_id = m.organisation_id
    """,
)

POOL_CAPS = Rule(
    code="B4c",
    title=bi("每个引导基金的用量等于其配套，且不超过上限", "Each use of a pool is the sum of its top-ups, and within its cap"),
    advice=bi("停止该引导基金的配套，以逐笔配套为准查明差额。", "Stop this pool's top-ups: these, one by one, are the truth."),
    sql="""
        WITH live AS (
            SELECT u.pool_id, p.campaign_id, p.organisation_id,
                   CASE WHEN p.state IN ('cooling_off', 'firm') THEN u.fen ELSE u.captured_fen END AS fen
            FROM funding_topup u JOIN funding_pledge p ON p.id = u.pledge_id
        ), sums AS (
            SELECT pool_id, 'campaign' AS scope, campaign_id AS subject_id, sum(fen) AS fen FROM live GROUP BY pool_id, campaign_id
            UNION ALL SELECT pool_id, 'funder', organisation_id, sum(fen) FROM live GROUP BY pool_id, organisation_id
        )
        SELECT 'pool ' || m.id, format('%s %s: counted %s, top-ups %s', coalesce(c.scope, s.scope), coalesce(c.subject_id, s.subject_id),
                                       coalesce(c.fen, 0), coalesce(s.fen, 0))
        FROM funding_pooluse c FULL JOIN sums s USING (pool_id, scope, subject_id)
        JOIN funding_matchingpool m ON m.id = pool_id
        WHERE coalesce(c.fen, 0) <> coalesce(s.fen, 0)
           OR coalesce(s.fen, 0) > CASE scope WHEN 'campaign' THEN m.campaign_cap_fen ELSE m.funder_cap_fen END
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
        LEFT JOIN treasury_paymentinstruction i ON i.end_to_end_id = p.reference AND i.kind = 'payout'
          AND (i.object_id = p.id OR p.paid_late AND EXISTS (
              SELECT 1 FROM funding_payout r WHERE r.id = i.object_id AND r.state IN ('rejected', 'reversed')
                 AND (r.purpose_kind, r.purpose_id, r.organisation_id) = (p.purpose_kind, p.purpose_id, p.organisation_id)))
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

RULES = (CAMPAIGN_ESCROW, CAMPAIGN_TOTALS, POOL_MONEY, POOL_CAPS, IN_TRANSIT, IN_ONE_FILE, NO_MORE_THAN_SENT)
