"""The refusals of campaigns, pledges and payouts, named by their reason."""

from marketplace.common.errors import Conflict, Forbidden, Invalid, LimitReached
from marketplace.common.text import bi


class DemandNotAwarded(Conflict):
    code = "demand_not_awarded"
    title = bi("需求尚未授予，不能为其募资", "The demand is not awarded: no campaign can be opened for it")


class CampaignIncomplete(Invalid):
    code = "campaign_incomplete"
    title = bi("募资项目尚未填写完整", "The campaign is not complete")


class CampaignExists(Conflict):
    code = "campaign_exists"
    title = bi("该需求已有进行中的募资项目", "The demand has a campaign already")


class CampaignNotOpen(Conflict):
    code = "campaign_not_open"
    title = bi("募资项目未开放或已截止", "The campaign is not open, or its deadline has passed")


class DeadlineNotPassed(Conflict):
    code = "deadline_not_passed"
    title = bi("尚未到截止时间", "The deadline has not passed yet")


class ExtendedAlready(Conflict):
    code = "extended_already"
    title = bi("募资只能延期一次", "A campaign is extended once only")


class NoExtensionAsked(Conflict):
    code = "no_extension_asked"
    title = bi("需求方尚未申请延期", "The company has not asked for more time")


class ExtensionChanged(Conflict):
    code = "extension_changed"
    title = bi("需求方申请的时间已变，请重新阅读后再决定", "The company asks for another time now: read it again and then decide")


class EarlyCloseNotAgreed(Conflict):
    code = "early_close_not_agreed"
    title = bi("提前截止须经全部认筹机构同意", "An early close needs the consent of every funder who has pledged")


class ConsentAskedAlready(Conflict):
    code = "consent_asked_already"
    title = bi("已征询过提前截止", "The funders have been asked already")


class NobodyToAsk(Conflict):
    code = "nobody_to_ask"
    title = bi("无须征询，可以提前截止", "Nobody has to be asked: the campaign can be closed early")


class AgreedAlready(Conflict):
    code = "agreed_already"
    title = bi("已经同意提前截止", "The early close is agreed already")


class GoalNotReached(Conflict):
    code = "goal_not_reached"
    title = bi("尚未达到最低目标", "The minimum is not reached")


class GoalReached(Conflict):
    code = "goal_reached"
    title = bi("已达到最低目标", "The minimum is reached")


class StillCoolingOff(Conflict):
    code = "still_cooling_off"
    title = bi("仍有认筹处于冷静期，期满前不作结论", "A pledge is still cooling off: nothing is decided before that ends")


class WorkLeft(Conflict):
    code = "work_left"
    title = bi("仍有认筹待处理", "Some pledges are still to be dealt with")


class EscrowDiffers(Conflict):
    code = "escrow_differs"
    title = bi("募资监管账户的金额与应退金额不符", "The campaign's escrow does not hold the amount to be returned")


class NotOpenedYet(Conflict):
    code = "campaign_not_opened_yet"
    title = bi("募资项目尚未开放", "The campaign has not opened yet")


class QuestionsClosed(Conflict):
    code = "questions_closed"
    title = bi("募资项目已结束，不再接受提问", "The campaign has ended and takes no more questions")


class QuestionWaits(Conflict):
    code = "question_waits"
    title = bi("贵单位的上一个提问尚未答复，答复后可再提问", "Your last question is not answered yet: ask again once it is")


class AnsweredAlready(Conflict):
    code = "answered_already"
    title = bi("此问题已答复；更正请发布项目动态", "The question is answered; post an update to correct it")


class NotInvited(Forbidden):
    code = "not_invited"
    title = bi("仅限受邀的已核验金融机构认筹", "Pledges are for invited and verified financial institutions")


class NotSuitable(Conflict):
    code = "not_suitable"
    title = bi("没有有效的适当性评估，不能认筹", "Without a valid suitability assessment there is no pledging")


class AmountOutsideLimits(Invalid):
    code = "amount_outside_limits"
    title = bi("认筹金额不在限额之内", "The amount is outside the limits of a pledge")


class CapReached(LimitReached):
    code = "cap_reached"
    title = bi("剩余额度不足", "Less than this is left before the campaign is full")


class TooManyFunders(LimitReached):
    code = "too_many_funders"
    title = bi("出资方数量已满", "The number of funders is full")


class AlreadyPledged(Conflict):
    code = "already_pledged"
    title = bi(
        "贵单位已认筹该项目；冷静期内可撤回后重新认筹",
        "Your organisation has pledged already; while cooling off you may withdraw and pledge anew",
    )


class RiskNotAccepted(Invalid):
    code = "risk_not_accepted"
    title = bi("请阅读并接受现行的风险揭示书，并确认适当性", "Read and accept the present risk statement, and confirm suitability")


class TermsNotAccepted(Invalid):
    code = "terms_not_accepted"
    title = bi("请阅读并接受该项目的条款", "Read and accept the campaign's terms")


class CoolingOffOver(Conflict):
    code = "cooling_off_over"
    title = bi("冷静期已满，不能再撤回", "The cooling-off period is over: the pledge can no longer be withdrawn")


class PayoutAskedAlready(Conflict):
    code = "payout_asked_already"
    title = bi("这笔款项已经重新申请过", "This payout has been asked for again already")


class SamePerson(Conflict):
    code = "same_person"
    title = bi(
        "申请（登记）、初审与复核（核验）须为不同人员", "Whoever asks, approves first, approves second or verifies is a different person"
    )


class NoBankAccount(Conflict):
    code = "no_bank_account"
    title = bi("收款单位尚未登记收款账户", "The beneficiary has not registered a bank account")


class BankAccountChanged(Conflict):
    code = "bank_account_changed"
    title = bi("收款账户在审批后已变更，须重新审批", "The bank account changed after approval: the payout has to be approved anew")


class BankAccountFrozen(Conflict):
    code = "bank_account_frozen"
    title = bi("收款账户刚变更，尚在冻结期", "The bank account is new and still frozen")


class BankAccountUnverified(Conflict):
    code = "bank_account_unverified"
    title = bi("收款账户尚未由财务员核验", "A finance officer has not verified the bank account yet")


class WaitsForOrder(Conflict):
    code = "waits_for_order"
    title = bi("须由财务员生成付款文件后划付", "A finance officer puts this payout into a payment order")


class BankHasPaid(Conflict):
    code = "bank_has_paid"
    title = bi("对账单显示银行已付此笔，不能记为拒付", "The bank's statement shows this payment: it cannot be booked as refused")


class BankHasPaidBefore(Conflict):
    code = "bank_has_paid_before"
    title = bi(
        "对账单显示银行已付过此笔，须先核对该明细，不能再付",
        "The bank's statement shows that this was paid before: that line is dealt with first, and nothing is paid again",
    )


class NotTheirName(Invalid):
    code = "not_their_name"
    title = bi("账户名称须与单位名称一致", "The account must be in the organisation's own name")


class BankHasNotAnswered(Conflict):
    code = "bank_has_not_answered"
    title = bi("银行对账单尚未到达", "The bank's statement has not come yet")


class PoolUsedUp(Conflict):
    code = "pool_used_up"
    title = bi("引导基金的额度刚被用去，请重试", "The pool's limit was used up a moment ago: try again")


class PoolStillRuns(Conflict):
    code = "pool_still_runs"
    title = bi("引导基金尚未到期", "The pool's period is not over yet")
