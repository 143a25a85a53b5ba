"""The refusals of demands and bids, named by their reason."""

from marketplace.common.errors import Conflict, Forbidden, Invalid
from marketplace.common.text import bi


class DemandIncomplete(Invalid):
    code = "demand_incomplete"
    title = bi("需求尚未填写完整", "The demand is not complete")


class DeadlinePassed(Conflict):
    code = "deadline_passed"
    title = bi("已过截止时间，不能再投标或领取", "The deadline has passed: no more bids or claims")


class DeadlineNotPassed(Conflict):
    code = "deadline_not_passed"
    title = bi("尚未到截止时间", "The deadline has not passed yet")


class DeadlineTooSoon(Invalid):
    code = "deadline_too_soon"
    title = bi("截止时间须在将来", "The deadline must lie in the future")


class WrongMode(Conflict):
    code = "wrong_mode"
    title = bi("该需求的方式不支持此操作", "The demand's mode does not allow this")


class AlreadyBid(Conflict):
    code = "already_bid"
    title = bi("该团队已有一份有效投标，可替换或撤回", "This team has an active bid: replace or withdraw it")


class OwnDemand(Forbidden):
    code = "own_demand"
    title = bi("不能投标或领取本单位的需求", "You cannot bid for or claim your own organisation's demand")


class AffiliatedBidder(Forbidden):
    code = "affiliated"
    title = bi("与发布单位存在关联关系，不能投标或领取", "Affiliated with the poster: no bid or claim")


class TeamNotQualified(Forbidden):
    code = "team_not_qualified"
    title = bi("团队须为本单位已发布的团队", "The team must be a published team of your organisation")


class HasBids(Conflict):
    code = "has_bids"
    title = bi("已有投标，不能撤回；请等待截标后不予授予", "There are bids: it cannot be withdrawn; after closing you may award nobody")


class NoBids(Conflict):
    code = "no_bids"
    title = bi("没有投标", "There is no bid")


class BidsNotOpened(Conflict):
    code = "bids_not_opened"
    title = bi("标书尚未全部开启，请稍候", "The bids are not all opened yet: wait a moment")


class BidNotEligible(Invalid):
    code = "bid_not_eligible"
    title = bi("该投标不能中选", "This bid cannot be selected")


class ReasonMissing(Invalid):
    code = "reason_missing"
    title = bi("须对每份未中选的投标说明理由", "Each bid that is not selected needs a reason")


class PublicityRunning(Conflict):
    code = "publicity_running"
    title = bi("公示期未满", "The publicity period is still running")


class NotPossible(Conflict):
    code = "not_possible"
    title = bi("当前条件下不可进行", "Not possible under the present conditions")
