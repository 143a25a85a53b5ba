"""The refusals of agreements, named by their reason."""

from marketplace.common.errors import Conflict, Invalid
from marketplace.common.text import bi


class DemandNotAwarded(Conflict):
    code = "demand_not_awarded"
    title = bi("需求尚未授予，不能起草协议", "The demand is not awarded yet: no agreement can be drawn up")


class AlreadyDrawn(Conflict):
    code = "already_drawn"
    title = bi("该需求已有一份有效协议", "The demand has an agreement already")


class SharesNotWhole(Invalid):
    code = "shares_not_whole"
    title = bi("收益份额之和须为 100.0000%", "The shares sum to 100.0000 %")


class TiersNotFitting(Invalid):
    code = "tiers_not_fitting"
    title = bi("收益分配的约定前后不一", "The tiers of later revenue do not fit together")


class CampaignNotFitting(Invalid):
    code = "campaign_not_fitting"
    title = bi("募资项目与该需求或金额不符", "The campaign does not fit the demand or the amount")


class BadSignature(Invalid):
    code = "signature_invalid"
    title = bi("签名与文本或密钥不符", "The signature does not fit the text or the key")


class NoSuchKey(Invalid):
    code = "key_unknown"
    title = bi("没有可用的签署密钥，请先登记", "There is no usable signing key: register one first")


class AlreadySigned(Conflict):
    code = "already_signed"
    title = bi("贵单位已签署", "Your organisation has signed already")


class NotFunded(Conflict):
    code = "not_funded"
    title = bi("资金尚未到位", "The funds are not there yet")


class RevisionsUsedUp(Conflict):
    code = "revisions_used_up"
    title = bi("整改次数已用完（最多 2 次）", "No more revisions can be asked for (2 at most)")


class RevenueTooEarly(Conflict):
    code = "revenue_too_early"
    title = bi("协议生效后才能申报收益", "Revenue is reported once the agreement is in force")


class PeriodReported(Conflict):
    code = "period_reported"
    title = bi("该期间已申报", "This period has been reported already")


class CostsNotAgreed(Invalid):
    code = "costs_not_agreed"
    title = bi("协议没有约定先行归还成本", "The agreement returns no costs first")


class AuditOver(Conflict):
    code = "audit_over"
    title = bi("审查期已结束", "The time for the audit is over")


class AuditNotOver(Conflict):
    code = "audit_not_over"
    title = bi("审查期未结束，或仍有提问未答复", "The audit is not over, or a question is not answered yet")


class AlreadyReviewed(Conflict):
    code = "already_reviewed"
    title = bi("贵单位已核实此申报", "Your organisation has found this report right already")


class QuestionOpen(Conflict):
    code = "question_open"
    title = bi("贵单位的上一个提问尚未答复", "Your organisation's last question is not answered yet")


class NoSuchQuestion(Invalid):
    code = "question_unknown"
    title = bi("没有这个待答复的提问", "There is no such question waiting for an answer")


class NotContester(Conflict):
    code = "not_contester"
    title = bi("由提出异议的单位确认异议已解决", "Whoever contested says that it is settled")


class SameApprover(Conflict):
    code = "same_approver"
    title = bi("初审与复核须为不同人员", "The two approvals are by two people")
