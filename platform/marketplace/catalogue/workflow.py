"""The states of teams, experts and achievements, and the moves between them."""

from django.db import models

from marketplace.common.text import bi
from marketplace.workflow.machine import ESCALATE, FINAL, Machine, Move, State, after, at, moves


class TeamState(models.TextChoices):
    DRAFT = "draft", bi("草稿", "Draft")
    PUBLISHED = "published", bi("已发布", "Published")
    SUSPENDED = "suspended", bi("已暂停", "Suspended")
    WITHDRAWN = "withdrawn", bi("已撤回", "Withdrawn")


class ExpertState(models.TextChoices):
    DRAFT = "draft", bi("草稿", "Draft")
    SUBMITTED = "submitted", bi("待核验", "Waiting for verification")
    PUBLISHED = "published", bi("已入库", "Listed")
    REJECTED = "rejected", bi("未通过", "Rejected")
    WITHDRAWN = "withdrawn", bi("已退出", "Withdrawn")


class AchievementState(models.TextChoices):
    DRAFT = "draft", bi("草稿", "Draft")
    SUBMITTED = "submitted", bi("待核验", "Waiting for verification")
    VERIFIED = "verified", bi("已核验", "Verified")
    PUBLISHED = "published", bi("已发布", "Published")
    SUSPENDED = "suspended", bi("已暂停", "Suspended")
    WITHDRAWN = "withdrawn", bi("已撤回", "Withdrawn")
    EXPIRED = "expired", bi("已到期", "Expired")
    REJECTED = "rejected", bi("未通过", "Rejected")


T = TeamState
TEAM = Machine(
    name="team",
    label=bi("团队", "Team"),
    initial=T.DRAFT,
    states={
        T.DRAFT: State(owner="owner", private=True, tone="neutral"),
        T.PUBLISHED: State(owner="owner", due=after("supply_validity_seconds"), on_timeout=("lapse",), tone="ok"),
        T.SUSPENDED: State(owner="reviewer", due=after("review_seconds"), on_timeout=(ESCALATE,), tone="bad"),
        T.WITHDRAWN: FINAL,
    },
    moves=moves(
        Move("publish", (T.DRAFT,), T.PUBLISHED, roles=("owner",), label=bi("发布", "Publish"), ledger="team.published", tone="primary"),
        Move("renew", (T.PUBLISHED,), None, roles=("owner",), label=bi("确认仍有效", "Confirm as current"), ledger="team.renewed"),
        Move(
            "suspend",
            (T.PUBLISHED,),
            T.SUSPENDED,
            roles=("reviewer", "admin"),
            label=bi("暂停", "Suspend"),
            ledger="team.suspended",
            tone="danger",
        ),
        Move("resume", (T.SUSPENDED,), T.PUBLISHED, roles=("reviewer", "admin"), label=bi("恢复", "Resume"), ledger="team.resumed"),
        Move(
            "withdraw",
            (T.PUBLISHED, T.SUSPENDED),
            T.WITHDRAWN,
            roles=("owner",),
            label=bi("撤回", "Withdraw"),
            ledger="team.withdrawn",
            tone="danger",
        ),
        Move("lapse", (T.PUBLISHED,), T.WITHDRAWN, roles=("system",), label=bi("到期撤下", "Lapse"), ledger="team.withdrawn"),
    ),
)

E = ExpertState
EXPERT = Machine(
    name="expert",
    label=bi("专家", "Expert"),
    initial=E.DRAFT,
    states={
        E.DRAFT: State(owner="owner", private=True, tone="neutral"),
        E.SUBMITTED: State(owner="reviewer", due=after("review_seconds"), on_timeout=(ESCALATE,), tone="warn"),
        E.PUBLISHED: State(owner="owner", due=after("supply_validity_seconds"), on_timeout=("lapse",), tone="ok"),
        E.REJECTED: FINAL,
        E.WITHDRAWN: FINAL,
    },
    moves=moves(
        Move(
            "submit",
            (E.DRAFT,),
            E.SUBMITTED,
            roles=("owner",),
            label=bi("提交核验", "Submit for verification"),
            ledger="expert.submitted",
            tone="primary",
        ),
        Move(
            "verify",
            (E.SUBMITTED,),
            E.PUBLISHED,
            roles=("reviewer",),
            label=bi("核验并入库", "Verify and list"),
            ledger="expert.verified",
            tone="primary",
        ),
        Move(
            "request_changes",
            (E.SUBMITTED,),
            E.DRAFT,
            roles=("reviewer",),
            label=bi("退回补充", "Ask for changes"),
            ledger="expert.reviewed",
        ),
        Move(
            "reject",
            (E.SUBMITTED,),
            E.REJECTED,
            roles=("reviewer",),
            label=bi("不予通过", "Reject"),
            ledger="expert.reviewed",
            tone="danger",
        ),
        Move("renew", (E.PUBLISHED,), None, roles=("owner",), label=bi("确认仍有效", "Confirm as current"), ledger="expert.renewed"),
        Move(
            "withdraw",
            (E.PUBLISHED,),
            E.WITHDRAWN,
            roles=("owner",),
            label=bi("退出专家库", "Leave the register"),
            ledger="expert.withdrawn",
            tone="danger",
        ),
        Move("lapse", (E.PUBLISHED,), E.WITHDRAWN, roles=("system",), label=bi("到期退出", "Lapse"), ledger="expert.withdrawn"),
        Move(
            "forget",
            (E.DRAFT, E.SUBMITTED, E.PUBLISHED),
            E.WITHDRAWN,
            roles=("system",),
            label=bi("随本人注销退出", "Leave with the person's account"),
            ledger="expert.withdrawn",
        ),
    ),
)

A = AchievementState
ACHIEVEMENT = Machine(
    name="achievement",
    label=bi("成果", "Achievement"),
    initial=A.DRAFT,
    states={
        A.DRAFT: State(owner="owner", private=True, tone="neutral"),
        A.SUBMITTED: State(owner="reviewer", due=after("review_seconds"), on_timeout=(ESCALATE,), tone="warn"),
        A.VERIFIED: State(owner="owner", due=after("publish_seconds"), on_timeout=(ESCALATE,), tone="info"),
        A.PUBLISHED: State(owner="owner", due=at("expires_at"), on_timeout=("expire",), tone="ok"),
        A.SUSPENDED: State(owner="reviewer", due=after("review_seconds"), on_timeout=(ESCALATE,), tone="bad"),
        A.WITHDRAWN: FINAL,
        A.EXPIRED: FINAL,
        A.REJECTED: FINAL,
    },
    moves=moves(
        Move(
            "submit",
            (A.DRAFT,),
            A.SUBMITTED,
            roles=("owner",),
            label=bi("提交核验", "Submit for verification"),
            ledger="achievement.submitted",
            tone="primary",
        ),
        Move(
            "request_changes",
            (A.SUBMITTED,),
            A.DRAFT,
            roles=("reviewer",),
            label=bi("退回补充", "Ask for changes"),
            ledger="achievement.reviewed",
        ),
        Move(
            "reject",
            (A.SUBMITTED,),
            A.REJECTED,
            roles=("reviewer",),
            label=bi("不予通过", "Reject"),
            ledger="achievement.reviewed",
            tone="danger",
        ),
        Move(
            "verify",
            (A.SUBMITTED,),
            A.VERIFIED,
            roles=("reviewer",),
            label=bi("核验通过", "Verify"),
            ledger="achievement.verified",
            tone="primary",
        ),
        Move(
            "publish",
            (A.VERIFIED,),
            A.PUBLISHED,
            roles=("owner",),
            label=bi("发布", "Publish"),
            ledger="achievement.published",
            tone="primary",
        ),
        # Rows of a file, declared by the institution: one entry for the whole file, and no way in for a stored draft.
        Move("import_batch", (A.DRAFT,), A.PUBLISHED, roles=("importer",), label=bi("批量导入", "Import")),
        Move("renew", (A.PUBLISHED,), None, roles=("owner",), label=bi("确认仍有效", "Confirm as current"), ledger="achievement.renewed"),
        Move(
            "amend",
            (A.PUBLISHED,),
            None,
            roles=("owner",),
            label=bi("更改保护期", "Change the last day of protection"),
            ledger="achievement.amended",
        ),
        Move(
            "suspend",
            (A.PUBLISHED,),
            A.SUSPENDED,
            roles=("reviewer", "admin"),
            label=bi("暂停", "Suspend"),
            ledger="achievement.suspended",
            tone="danger",
        ),
        Move(
            "resume",
            (A.SUSPENDED,),
            A.PUBLISHED,
            roles=("reviewer", "admin"),
            label=bi("恢复", "Resume"),
            ledger="achievement.resumed",
        ),
        Move(
            "withdraw",
            (A.PUBLISHED, A.SUSPENDED),
            A.WITHDRAWN,
            roles=("owner",),
            label=bi("撤回", "Withdraw"),
            ledger="achievement.withdrawn",
            tone="danger",
        ),
        Move("expire", (A.PUBLISHED,), A.EXPIRED, roles=("system",), label=bi("到期", "Expire"), ledger="achievement.expired"),
    ),
)
