"""What the books must say of every campaign."""

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
