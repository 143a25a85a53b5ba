"""The finance officers' desk: what waits for an approval, a file or a match, and whether bank and books agree."""

from collections.abc import Iterable
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from marketplace.common.actor import Actor, actor_of
from marketplace.common.errors import NotFound
from marketplace.common.text import bi
from marketplace.funding import selectors
from marketplace.funding.models import BankAccount, Payout
from marketplace.funding.permissions import BANK_STAFF
from marketplace.funding.web import presenting
from marketplace.funding.workflow import PayoutState
from marketplace.treasury import selectors as treasury
from marketplace.treasury.debt_reads import debts
from marketplace.treasury.models import AccountKind
from marketplace.treasury.permissions import sees_the_bank
from marketplace.treasury.services import payment_orders
from marketplace.web import amounts

ROWS = 8


@login_required
@require_GET
def finance_desk(request: HttpRequest) -> HttpResponse:
    """What waits for finance on one page, each part leading to where it is done; of one region its payouts alone. NotFound for others."""
    actor = actor_of(request)
    if actor.staff not in BANK_STAFF:
        raise NotFound
    approvals = selectors.payouts_to_approve(actor)
    stuck = selectors.payouts_for(actor).filter(state__in=(PayoutState.UNKNOWN, PayoutState.FAILED))
    bank = _bank_side() if sees_the_bank(actor) else {"figures": []}
    counted = {"label": bi("待审批", "Approvals waiting"), "value": approvals.count(), "unit": bi("笔划付", "payouts")}
    context = {
        **bank,
        "figures": [counted, *bank["figures"]],
        "approvals": _with_accounts(approvals[:ROWS], actor),
        "stuck": _with_accounts(stuck[:ROWS], actor),
        "unverified": selectors.bank_accounts_for(actor).filter(verified_at=None)[:ROWS],
        "may_act": actor.staff == "finance",
    }
    return render(request, "funding/finance.html", context)


def _bank_side() -> dict[str, Any]:
    """Files, lines and balances are of all regions together: not for an office of one region."""
    waiting, lines = payment_orders.waiting(), treasury.waiting_lines()
    totals = [row for row in treasury.totals_by_kind() if row.kind != AccountKind.CUSTODY]
    before, figure, unit = amounts.headline(sum(payment.fen for payment in waiting))
    expected_fen, sum_fen = treasury.expected_at_bank(), sum(row.posted_fen for row in totals)
    latest = treasury.latest_reconciliation()
    return {
        "whole": True,
        "figures": [
            {
                "label": bi("待生成文件", "Waiting for a file"),
                "value": f"{before}{figure}",
                "unit": unit,
                "note": bi(f"{len(waiting)} 笔", f"{len(waiting)} payments"),
            },
            {"label": bi("待核对", "Lines unmatched"), "value": lines.count(), "unit": bi("条", "lines")},
        ],
        "waiting": waiting[:ROWS],
        "orders": treasury.payment_orders()[:ROWS],
        "lines": lines.exclude(pk__in=treasury.proposals().values("line"))[:ROWS],
        "proposals": treasury.proposals()[:ROWS],
        "debts": debts()[:ROWS],
        "unpaid_returns": treasury.unpaid_returns()[:ROWS],
        "latest": latest[0] if latest else None,
        "reconciled": latest[1] if latest else None,
        "expected_fen": expected_fen,
        "unbooked_fen": expected_fen - sum_fen,
        "totals": totals,
        "most_fen": max((row.posted_fen for row in totals), default=1) or 1,
        "sum_fen": sum_fen,
    }


def _with_accounts(payouts: Iterable[Payout], actor: Actor) -> list[tuple[Payout, list[dict[str, Any]], BankAccount | None]]:
    """Each payout with its moves and the account that it goes to: the approved one, else the one now in use."""
    rows = list(payouts)
    used = selectors.bank_accounts_for(actor).filter(organisation__in={payout.organisation_id for payout in rows})
    in_use = {account.organisation_id: account for account in used}
    return [(payout, presenting.offers(payout, actor), payout.bank_account or in_use.get(payout.organisation_id)) for payout in rows]
