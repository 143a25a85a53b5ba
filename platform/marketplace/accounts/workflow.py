"""The states of an organisation and the moves between them."""

from django.db import models

from marketplace.common.text import bi
from marketplace.workflow.machine import ESCALATE, FINAL, Machine, Move, State, after, moves


class OrganisationState(models.TextChoices):
    """Looking is free in every state; only a verified organisation acts."""

    UNVERIFIED = "unverified", bi("未核验", "Not verified")
    SUBMITTED = "submitted", bi("待核验", "Waiting for verification")
    VERIFIED = "verified", bi("已核验", "Verified")
    SUSPENDED = "suspended", bi("已暂停", "Suspended")
    REJECTED = "rejected", bi("未通过", "Rejected")


S = OrganisationState

PUBLIC_STATES = frozenset({S.VERIFIED, S.SUSPENDED})

MACHINE = Machine(
    name="organisation",
    label=bi("单位", "Organisation"),
    initial=S.UNVERIFIED,
    states={
        S.UNVERIFIED: State(owner="manager", private=True, tone="neutral"),
        S.SUBMITTED: State(owner="reviewer", due=after("review_seconds"), on_timeout=(ESCALATE,), tone="warn"),
        # A verification is looked at again when it is as old as any other declaration may get.
        S.VERIFIED: State(owner="reviewer", due=after("supply_validity_seconds"), on_timeout=(ESCALATE,), tone="ok"),
        S.SUSPENDED: State(owner="security", due=after("review_seconds"), on_timeout=(ESCALATE,), tone="bad"),
        S.REJECTED: FINAL,
    },
    moves=moves(
        Move(
            "submit",
            (S.UNVERIFIED,),
            S.SUBMITTED,
            roles=("manager",),
            label=bi("提交核验", "Submit for verification"),
            ledger="organisation.submitted",
            needs_verified=False,
            tone="primary",
        ),
        Move(
            "verify",
            (S.SUBMITTED,),
            S.VERIFIED,
            roles=("reviewer",),
            label=bi("核验通过", "Verify"),
            ledger="organisation.verified",
            tone="primary",
        ),
        Move(
            "reject",
            (S.SUBMITTED,),
            S.REJECTED,
            roles=("reviewer",),
            label=bi("不予通过", "Reject"),
            ledger="organisation.rejected",
            tone="danger",
        ),
        Move(
            "renew",
            (S.VERIFIED,),
            None,
            roles=("reviewer",),
            label=bi("重新核验", "Verify again"),
            ledger="organisation.renewed",
        ),
        Move(
            "suspend",
            (S.VERIFIED,),
            S.SUSPENDED,
            roles=("admin", "security"),
            label=bi("暂停", "Suspend"),
            ledger="organisation.suspended",
            tone="danger",
        ),
        Move(
            "resume",
            (S.SUSPENDED,),
            S.VERIFIED,
            roles=("admin", "security"),
            label=bi("恢复", "Resume"),
            ledger="organisation.resumed",
        ),
    ),
)
