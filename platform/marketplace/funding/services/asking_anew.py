"""A payout that was rejected is asked for again: the same amount for the same purpose, approved as if for the first time."""

from uuid import UUID

from django.db import IntegrityError, transaction

from marketplace.common.actor import Actor
from marketplace.common.errors import Forbidden, MissingScope, NotVerified, WrongState
from marketplace.common.text import bi
from marketplace.funding import errors, selectors
from marketplace.funding.models import Payout
from marketplace.funding.services.bank_lines import not_paid_before
from marketplace.funding.services.paying_out import payout_request
from marketplace.funding.workflow import PayoutState
from marketplace.workflow.performing import lock_row


def ask_anew(*, actor: Actor, payout_id: UUID) -> Payout:
    """Ask again for what stayed payable: as the beneficiary's manager or finance person, or as a finance officer; once at a time.

    Raises NotFound, Forbidden, NotVerified, MissingScope, WrongState (it was not rejected), PayoutAskedAlready, BankHasPaidBefore.
    """
    rejected = selectors.payout_for(actor, payout_id)
    if not selectors.may_ask_anew(actor, rejected):
        raise Forbidden(
            bi(
                "由收款单位的管理员、财务或平台财务员重新申请。",
                "The beneficiary's managers and finance people, or a finance officer, ask again.",
            )
        )
    if not (actor.staff or actor.verified):
        raise NotVerified
    if "money" not in actor.scopes:
        raise MissingScope
    with transaction.atomic():
        lock_row(rejected)
        if rejected.state != PayoutState.REJECTED:
            raise WrongState(state=rejected.state)
        if not selectors.askable([rejected], actor):
            raise errors.PayoutAskedAlready
        not_paid_before(rejected)
        try:
            with transaction.atomic():
                return payout_request(
                    organisation_id=rejected.organisation_id,
                    fen=rejected.fen,
                    purpose_kind=rejected.purpose_kind,
                    purpose_id=rejected.purpose_id,
                    actor=actor,
                )
        except IntegrityError as error:  # somebody else asked for this purpose meanwhile
            raise errors.PayoutAskedAlready from error
