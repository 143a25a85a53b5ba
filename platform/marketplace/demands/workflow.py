"""States and moves of demands and bids."""

from django.db import models

from marketplace.common.text import bi
from marketplace.workflow.machine import FINAL, Machine, Move, State, after, at, moves


class DemandState(models.TextChoices):
    """A demand from its draft to the end of the agreement that answers it."""

    DRAFT = "draft", bi("草稿", "Draft")
    SUBMITTED = "submitted", bi("待审核", "Under review")
    CHANGES_REQUESTED = "changes_requested", bi("待修改", "Changes requested")
    REJECTED = "rejected", bi("未通过", "Rejected")
    APPROVED = "approved", bi("已通过", "Approved")
    OPEN = "open", bi("揭榜中", "Open")
    EVALUATING = "evaluating", bi("评审中", "Evaluating")
    AWARD_PUBLICITY = "award_publicity", bi("公示中", "Award in publicity")
    AWARDED = "awarded", bi("已授予", "Awarded")
    CONTRACTED = "contracted", bi("已签约", "Contracted")
    IN_PROGRESS = "in_progress", bi("履约中", "In progress")
    COMPLETED = "completed", bi("已完成", "Completed")
    TERMINATED = "terminated", bi("已终止", "Terminated")
    EXPIRED = "expired", bi("已过期", "Expired")
    WITHDRAWN = "withdrawn", bi("已撤回", "Withdrawn")


class BidState(models.TextChoices):
    """A bid from its sealing to the answer that the team receives."""

    DRAFT = "draft", bi("草稿", "Draft")
    SEALED = "sealed", bi("已密封", "Sealed")
    OPENED = "opened", bi("已开标", "Opened")
    SELECTED = "selected", bi("中选", "Selected")
    ACCEPTED = "accepted", bi("已签约", "Accepted")
    NOT_SELECTED = "not_selected", bi("未中选", "Not selected")
    LAPSED = "lapsed", bi("已失效", "Lapsed")
    WITHDRAWN = "withdrawn", bi("已撤回", "Withdrawn")
    DISQUALIFIED = "disqualified", bi("已取消资格", "Disqualified")


D, B = DemandState, BidState

PUBLIC_DEMAND_STATES = (
    D.OPEN,
    D.EVALUATING,
    D.AWARD_PUBLICITY,
    D.AWARDED,
    D.CONTRACTED,
    D.IN_PROGRESS,
    D.COMPLETED,
    D.TERMINATED,
    D.EXPIRED,
)

COMPANY, TEAM, REVIEWER, SYSTEM = ("company",), ("team",), ("reviewer",), ("system",)

DEMAND = Machine(
    name="demand",
    label=bi("需求", "Demand"),
    initial=D.DRAFT,
    states={
        D.DRAFT: State(private=True, owner="company", tone="neutral"),
        D.SUBMITTED: State("reviewer", after("review_seconds"), ("escalate",), tone="warn"),
        D.CHANGES_REQUESTED: State("company", after("changes_seconds"), ("lapse",), tone="warn"),
        D.APPROVED: State("company", after("publish_seconds"), ("escalate",), tone="ok"),
        D.OPEN: State("company", at("deadline"), ("close", "extend_once", "expire")),
        D.EVALUATING: State("company", after("evaluation_seconds"), ("escalate",), tone="warn"),
        D.AWARD_PUBLICITY: State("reviewer", after("publicity_seconds"), ("publicity_passed",)),
        # Time to raise funds, then time to sign: a campaign may run between the award and the agreement.
        D.AWARDED: State("team", after("funding_seconds", "signature_seconds"), ("winner_lapsed", "reopen"), tone="ok"),
        D.CONTRACTED: State(owner="team", follows="agreement", tone="ok"),
        D.IN_PROGRESS: State(owner="team", follows="agreement"),
        D.COMPLETED: State(final=True, tone="ok"),
        D.TERMINATED: State(final=True, tone="bad"),
        D.REJECTED: State(final=True, tone="bad"),
        D.EXPIRED: FINAL,
        D.WITHDRAWN: FINAL,
    },
    moves=moves(
        Move("import_batch", (D.DRAFT,), None, ("importer",), bi("批量导入", "Import")),
        Move("submit", (D.DRAFT,), D.SUBMITTED, COMPANY, bi("提交审核", "Submit for review"), "demand.submitted", tone="primary"),
        Move("resubmit", (D.CHANGES_REQUESTED,), D.SUBMITTED, COMPANY, bi("再次提交", "Submit again"), "demand.submitted", tone="primary"),
        Move("lapse", (D.CHANGES_REQUESTED,), D.WITHDRAWN, SYSTEM, bi("逾期撤回", "Lapse"), "demand.withdrawn"),
        Move("approve", (D.SUBMITTED,), D.APPROVED, REVIEWER, bi("通过", "Approve"), "demand.reviewed", tone="primary"),
        Move("request_changes", (D.SUBMITTED,), D.CHANGES_REQUESTED, REVIEWER, bi("退回修改", "Request changes"), "demand.reviewed"),
        Move("reject", (D.SUBMITTED,), D.REJECTED, REVIEWER, bi("不予通过", "Reject"), "demand.reviewed", tone="danger"),
        Move("publish", (D.APPROVED,), D.OPEN, COMPANY, bi("发布", "Publish"), "demand.published", tone="primary"),
        Move("amend", (D.OPEN,), None, COMPANY, bi("修订", "Amend"), "demand.amended"),
        Move("withdraw", (D.APPROVED, D.OPEN), D.WITHDRAWN, COMPANY, bi("撤回", "Withdraw"), "demand.withdrawn", tone="danger"),
        Move("claim", (D.OPEN,), D.AWARDED, TEAM, bi("领取任务", "Claim the task"), "demand.claimed", tone="primary"),
        Move("close", (D.OPEN,), D.EVALUATING, SYSTEM, bi("截标", "Close"), "demand.closed"),
        Move("extend_once", (D.OPEN,), None, SYSTEM, bi("延期一次", "Extend once"), "demand.extended"),
        Move("expire", (D.OPEN,), D.EXPIRED, SYSTEM, bi("过期", "Expire"), "demand.expired"),
        Move("select", (D.EVALUATING,), D.AWARD_PUBLICITY, COMPANY, bi("选定团队", "Select a team"), "demand.selected", tone="primary"),
        Move("no_award", (D.EVALUATING,), D.TERMINATED, COMPANY, bi("不授予", "Award nobody"), "demand.no_award", tone="danger"),
        Move(
            "uphold_objection",
            (D.AWARD_PUBLICITY,),
            D.EVALUATING,
            REVIEWER,
            bi("异议成立", "Uphold an objection"),
            "demand.objection_upheld",
        ),
        Move("publicity_passed", (D.AWARD_PUBLICITY,), D.AWARDED, SYSTEM, bi("公示期满", "Publicity over"), "demand.awarded"),
        Move("winner_lapsed", (D.AWARDED,), D.EVALUATING, SYSTEM, bi("中选失效，重新选定", "Winner lapsed"), "demand.reselected"),
        Move("reopen", (D.AWARDED,), D.OPEN, SYSTEM, bi("重新开放领取", "Reopen for claims"), "demand.reopened"),
        Move("agreement_signed", (D.AWARDED,), D.CONTRACTED, SYSTEM, bi("协议已签", "Agreement signed"), "demand.contracted"),
        Move("agreement_void", (D.CONTRACTED,), D.TERMINATED, SYSTEM, bi("协议未生效", "Agreement void"), "demand.terminated"),
        Move("agreement_effective", (D.CONTRACTED,), D.IN_PROGRESS, SYSTEM, bi("协议生效", "Agreement effective"), "demand.started"),
        Move("agreement_completed", (D.IN_PROGRESS,), D.COMPLETED, SYSTEM, bi("协议完成", "Agreement completed"), "demand.completed"),
        Move("agreement_terminated", (D.IN_PROGRESS,), D.TERMINATED, SYSTEM, bi("协议终止", "Agreement terminated"), "demand.terminated"),
    ),
)

BID = Machine(
    name="bid",
    label=bi("投标", "Bid"),
    initial=B.DRAFT,
    states={
        B.DRAFT: State(private=True, owner="team", tone="neutral"),
        B.SEALED: State(owner="team", follows="demand"),
        B.OPENED: State(owner="company", follows="demand", tone="warn"),
        B.SELECTED: State(owner="team", follows="demand", tone="ok"),
        B.ACCEPTED: State(final=True, tone="ok"),
        B.NOT_SELECTED: FINAL,
        B.LAPSED: FINAL,
        B.WITHDRAWN: FINAL,
        B.DISQUALIFIED: State(final=True, tone="bad"),
    },
    moves=moves(
        Move("commit", (B.DRAFT,), B.SEALED, TEAM, bi("密封投标", "Seal and submit"), "bid.committed", tone="primary"),
        Move("replace", (B.SEALED,), None, TEAM, bi("替换标书", "Replace"), "bid.recommitted"),
        Move("withdraw", (B.SEALED,), B.WITHDRAWN, TEAM, bi("撤回", "Withdraw"), "bid.withdrawn", tone="danger"),
        Move("claim", (B.DRAFT,), B.SELECTED, SYSTEM, bi("领取", "Claim"), "bid.selected"),
        Move("reveal", (B.SEALED,), B.OPENED, SYSTEM, bi("开标", "Open"), "bid.opened"),
        Move("reveal_mismatch", (B.SEALED,), B.DISQUALIFIED, SYSTEM, bi("与承诺不符", "Does not match"), "bid.disqualified"),
        Move("withdraw_late", (B.OPENED,), B.WITHDRAWN, TEAM, bi("开标后撤回", "Withdraw after opening"), "bid.withdrawn", tone="danger"),
        Move("disqualify", (B.OPENED,), B.DISQUALIFIED, REVIEWER, bi("取消资格", "Disqualify"), "bid.disqualified", tone="danger"),
        Move("select", (B.OPENED,), B.SELECTED, SYSTEM, bi("选定", "Select"), "bid.selected"),
        Move("unselect", (B.SELECTED,), B.OPENED, SYSTEM, bi("异议成立，撤销选定", "Undo the selection"), "bid.unselected"),
        Move("refuse", (B.OPENED,), B.NOT_SELECTED, SYSTEM, bi("未中选", "Not selected"), "bid.not_selected"),
        Move("lapse", (B.SELECTED,), B.LAPSED, SYSTEM, bi("逾期失效", "Lapse"), "bid.lapsed"),
        Move("accept", (B.SELECTED,), B.ACCEPTED, SYSTEM, bi("签约", "Accept"), "bid.accepted"),
    ),
)
