"""The treasury's refusals, each named by its reason, and how the database's own are told apart."""

from django.db import DatabaseError

from marketplace.common.errors import Conflict, DomainError, Forbidden, Invalid
from marketplace.common.money import yuan
from marketplace.common.text import bi


class InsufficientFunds(Conflict):
    code = "insufficient_funds"
    title = bi("可用余额不足", "Not enough is available")


class DebtFirst(InsufficientFunds):
    code = "debt_first"
    title = bi("本单位有欠款，须先还清", "Your organisation owes money: that is repaid first")


class HoldResolved(Conflict):
    code = "hold_resolved"
    title = bi("这笔冻结已经处理过", "This hold was resolved before")


class HoldMismatch(Invalid):
    code = "hold_mismatch"
    title = bi("与所冻结的款项不符", "This does not agree with the hold")


class AmountRefused(Invalid):
    code = "amount_refused"
    title = bi("金额须为正的整数分", "An amount is a positive whole number of fen")


class LineAlreadyMatched(Conflict):
    code = "line_already_matched"
    title = bi("这条明细已经入账", "This line was booked before")


class StatementUnreadable(Invalid):
    code = "statement_unreadable"
    title = bi("对账单无法读取", "The statement cannot be read")


class MappingRefused(Invalid):
    code = "mapping_refused"
    title = bi("列映射有误", "This mapping of columns will not do")


class MappingChanged(Conflict):
    code = "mapping_changed"
    title = bi("列映射在预览之后改过，请重新上传", "Its mapping was changed after the preview: send the file again")


class ImportOver(Conflict):
    code = "import_over"
    title = bi("此文件已确认或已放弃", "This file was confirmed or dropped before")


class ForFinanceOnly(Forbidden):
    code = "for_finance_only"
    title = bi("此项由平台财务员办理", "This is for the platform's finance officers")


class ForTheirFinanceOnly(Forbidden):
    code = "for_their_finance_only"
    title = bi("钱包由本单位的管理员、签署人和财务查看", "The wallet is for the organisation's managers, signatories and finance people")


class LineAlreadyProposed(Conflict):
    code = "line_already_proposed"
    title = bi("这条明细已有待复核的处理意见", "Somebody has proposed already what this line is")


class SecondOfficer(Conflict):
    code = "second_officer"
    title = bi("须由另一位财务员复核", "Another finance officer has to agree")


class RefusalNotTold(Conflict):
    code = "refusal_not_told"
    title = bi("须先由一位财务员登记银行拒付", "One finance officer tells of the bank's refusal first, another books it")


class CallOffNotAsked(Conflict):
    code = "call_off_not_asked"
    title = bi("须先由一位财务员提议改记哪个单位的钱包", "One finance officer says whose wallet first, another agrees")


class TopUpUnfit(Invalid):
    code = "top_up_unfit"
    title = bi(
        "没有这笔已入账（或待退回且未发出）、同额且未被撤回的来款",
        "No money in of this amount was booked, or waits to be returned, under this line id; or it was taken back before",
    )


class ReturnShown(Conflict):
    code = "return_shown"
    title = bi(
        "对账单显示此笔退回已付出，须先核对该明细",
        "The bank's statement shows that this return went out: that line is dealt with first",
    )


class TakenBackMeanwhile(Conflict):
    code = "taken_back_meanwhile"
    title = bi(
        "对账单显示或财务人员提出银行已撤回这笔来款，不能再退；须先核对该明细",
        "A bank statement shows, or an officer has said, that the bank took this money back itself: deal with that line first",
    )


class CallOffChanged(Conflict):
    code = "call_off_changed"
    title = bi("改记的单位已更改，请重新核对后再同意", "Another wallet has been named since: look at it before you agree")


class ReturnNotShown(Conflict):
    code = "return_not_shown"
    title = bi("对账单尚未显示此笔退回", "No statement shows this return yet")


class PayerUnknown(Invalid):
    code = "payer_unknown"
    title = bi("明细没有付款方的户名与账号，无法退回", "The line names no payer and account to return it to")


class NothingToPay(Invalid):
    code = "nothing_to_pay"
    title = bi("请至少选择一笔待付款项", "Choose at least one payment that waits")


class TooManyPayments(Invalid):
    code = "too_many_payments"
    title = bi("一个付款文件最多 200 笔，请分次生成", "A payment file holds 200 payments at most: make several")


class PaymentsChanged(Conflict):
    code = "payments_changed"
    title = bi(
        "所选款项中有的已不在待付之列，未生成文件；请刷新后重选",
        "Some of these payments no longer wait, so no file was made: look at the list again",
    )


class CustodyUnnamed(Conflict):
    code = "custody_unnamed"
    title = bi(
        "未配置存管账户：请设置 CUSTODY_NAME、CUSTODY_NUMBER、CUSTODY_BANK",
        "The custody account is not named: set CUSTODY_NAME, CUSTODY_NUMBER and CUSTODY_BANK",
    )


def refusal_of(error: DatabaseError, *, fen: int) -> DomainError | None:
    """The refusal that a database error stands for, by its SQLSTATE and constraint; None for a fault."""
    cause = error.__cause__
    state = getattr(cause, "pgcode", None)
    constraint = getattr(getattr(cause, "diag", None), "constraint_name", None) or ""
    if state == "JQ001" or constraint == "account_available_not_negative":
        amount = yuan(fen)
        return InsufficientFunds(
            bi(
                f"可用余额不足以支付 {amount} 元。请先充值，或减少金额。",
                f"There is not enough available to pay {amount} yuan. Top up first, or lower the amount.",
            )
        )
    if state == "JQ005":
        return DebtFirst(
            bi(
                "银行撤回过已入账的来款，本单位因此有欠款。请充值还清后再用钱包付款。",
                "The bank took back money that had been booked, so your organisation owes it. Top up: what comes in repays it first.",
            )
        )
    if state in ("JQ002", "JQ003"):
        return HoldMismatch()
    if constraint == "treasury_transfer_pending_id_key":
        return HoldResolved()
    if constraint == "transfer_moves_something":
        return AmountRefused()
    return None
