"""Effects and guards from submission to publication, and the end of an unanswered demand."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from marketplace.common import hashing
from marketplace.common.errors import Invalid
from marketplace.common.text import bi
from marketplace.demands import errors
from marketplace.demands.models import Demand, DemandMode
from marketplace.demands.selectors import has_sealed_bids
from marketplace.demands.services import sealing
from marketplace.demands.services.drafting import write_terms
from marketplace.workflow.context import Context


def must_be_complete(ctx: Context[Demand]) -> None:
    """A demand goes to review with budget, deadline, industry, text and acceptance criteria."""
    demand = ctx.obj
    missing = bi("必填", "Needed")
    empty = {
        "text_zh": not (demand.text_zh or demand.text_en),
        "acceptance_zh": not (demand.acceptance_zh or demand.acceptance_en),
        "industry_code": not demand.industry_code,
        "readiness_wanted": demand.readiness_wanted is None,
        "budget_max_fen": demand.budget_max_fen is None,
        "deadline": demand.deadline is None,
    }
    fields = {name: [missing] for name, is_empty in empty.items() if is_empty}
    if fields:
        raise errors.DemandIncomplete(
            bi(
                "请补全：预算、截止时间、成熟度、行业、说明和验收标准。",
                "Complete it: budget, deadline, readiness, industry, text and acceptance criteria.",
            ),
            fields=fields,
        )
    deadline_must_lie_ahead(ctx)


def deadline_must_lie_ahead(ctx: Context[Demand]) -> None:
    """Nothing is submitted or published whose deadline has passed."""
    if ctx.obj.deadline is not None and ctx.obj.deadline <= ctx.now:
        raise errors.DeadlineTooSoon(fields={"deadline": [errors.DeadlineTooSoon.title]})


def review(ctx: Context[Demand], *, reason: str) -> None:
    """Send back or refuse, with the reason that the company reads."""
    ctx.reason = ctx.obj.review_note = required(reason)


def approve(ctx: Context[Demand], *, note: str = "") -> None:
    """Approve as it stands; a note is optional."""
    ctx.reason = ctx.obj.review_note = note.strip()


def publish(ctx: Context[Demand]) -> None:
    """Open the demand to teams: its terms are hashed into the ledger, its bid key is made."""
    demand = ctx.obj
    demand.opened_at = ctx.now
    if demand.mode == DemandMode.CHALLENGE:
        demand.bid_public_key, demand.bid_wrapped_key = sealing.new_demand_key(demand.pk)
    _terms(ctx)


def amend(ctx: Context[Demand], *, fields: Mapping[str, Any]) -> None:
    """Publish the next version of the terms, as complete as the first; the first version's hash still verifies."""
    if ctx.obj.deadline is not None and ctx.obj.deadline <= ctx.now:
        raise errors.DeadlinePassed
    if "mode" in fields and fields["mode"] != ctx.obj.mode:
        raise errors.WrongMode(bi("发布后不能更改方式。", "The mode cannot change after publication."))
    if not fields:
        raise Invalid(bi("没有要修订的内容。", "There is nothing to amend."))
    write_terms(ctx.obj, fields)
    must_be_complete(ctx)
    ctx.obj.version += 1
    _terms(ctx)


def no_sealed_bids(ctx: Context[Demand]) -> None:
    """An open demand can be withdrawn only while nobody has bid."""
    if has_sealed_bids(ctx.obj):
        raise errors.HasBids


def withdraw(ctx: Context[Demand], *, reason: str) -> None:
    """Take the demand back, with the reason that stays on record."""
    ctx.reason = required(reason)


def can_close(ctx: Context[Demand]) -> None:
    """Bids close when the deadline has passed and at least one is sealed."""
    _deadline_passed(ctx)
    if ctx.obj.mode != DemandMode.CHALLENGE or not has_sealed_bids(ctx.obj):
        raise errors.NoBids


def can_extend(ctx: Context[Demand]) -> None:
    """Once, and only where nobody answered."""
    _deadline_passed(ctx)
    if ctx.obj.extended or has_sealed_bids(ctx.obj):
        raise errors.NotPossible


def extend_once(ctx: Context[Demand]) -> None:
    """Give the demand as much time again as it had."""
    demand = ctx.obj
    if demand.opened_at is None or demand.deadline is None:
        raise errors.NotPossible
    demand.extended = True
    demand.deadline = ctx.now + max(demand.deadline - demand.opened_at, timedelta(seconds=1))
    ctx.body["deadline"] = demand.deadline.isoformat()


def can_expire(ctx: Context[Demand]) -> None:
    """Only after the extension, and only without bids."""
    _deadline_passed(ctx)
    if not ctx.obj.extended or has_sealed_bids(ctx.obj):
        raise errors.NotPossible


def required(reason: str) -> str:
    """The reason, or Invalid when it is blank."""
    text = reason.strip()
    if not text:
        say = bi("请填写理由。", "Give the reason.")
        raise Invalid(say, fields={"reason": [say]})
    return text


def _deadline_passed(ctx: Context[Demand]) -> None:
    if ctx.obj.deadline is None or ctx.obj.deadline > ctx.now:
        raise errors.DeadlineNotPassed


def _terms(ctx: Context[Demand]) -> None:
    ctx.body["version"] = ctx.obj.version
    ctx.body["mode"] = ctx.obj.mode
    ctx.body["region_code"] = ctx.obj.region_code
    ctx.body["industry_code"] = ctx.obj.industry_code
    ctx.body["terms_sha256"] = hashing.sha256_of(ctx.obj.terms())
