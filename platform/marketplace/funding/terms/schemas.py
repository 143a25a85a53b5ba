"""The terms of each instrument, by version: a version that campaigns have used is never changed, a newer one stands beside it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from marketplace.common.text import bi
from marketplace.funding.terms.fields import Choice, Field, Texts, Unit, Whole
from marketplace.funding.terms.instruments import Instrument

# Above 24 % a year courts reduce what a financial loan costs (Supreme People's Court, Opinions on Financial Trials, 2017, article 2).
HIGHEST_INTEREST_BP = 2_400


def _no_rule(terms: Mapping[str, Any]) -> dict[str, Any]:
    return {}


@dataclass(frozen=True, slots=True)
class Schema:
    """What the terms of one instrument say: their fields, a rule between fields, and what they do not mean."""

    instrument: Instrument
    version: str
    statement: Any
    fields: tuple[Field, ...]
    rule: Callable[[Mapping[str, Any]], dict[str, Any]] = _no_rule

    @property
    def keys(self) -> tuple[str, ...]:
        """The names of all values, in order."""
        return tuple(key for field in self.fields for key in field.keys)


def _range_in_order(terms: Mapping[str, Any]) -> dict[str, Any]:
    if terms["least_bp"] > terms["most_bp"]:
        return {"most_bp": bi("比例上限不得小于下限。", "The highest share is not below the lowest.")}
    return {}


GRANT = Schema(
    Instrument.GRANT,
    "2026-1",
    bi(
        "无偿资助：出资方不因此取得本金、利息或收入的请求权，只可要求按约定报告资金使用情况。",
        "A gift for a purpose: it gives the funder no claim to the money, to interest or to revenue, only to reports on its use.",
    ),
    (
        Texts("purpose", bi("资助目的", "Purpose")),
        Choice(
            "reporting",
            bi("报告义务", "Reports"),
            {
                "milestone": bi("每个里程碑验收后", "After each accepted milestone"),
                "quarterly": bi("每季度", "Every quarter"),
                "yearly": bi("每年", "Every year"),
                "final": bi("项目结束后一次", "Once, at the end"),
            },
        ),
        Whole("report_days", bi("报告期限", "Report due within"), Unit.DAYS, 1, 180),
    ),
)

REVENUE_SHARE = Schema(
    Instrument.REVENUE_SHARE,
    "2026-1",
    bi(
        "只从实际取得的收入中分成：没有收入就没有分成。累计上限是最多分得的金额，不是约定的回报。",
        "Shared from revenue that was really earned: without revenue there is no share. The cap is the most shared, not a sum owed.",
    ),
    (
        Choice(
            "base",
            bi("计算基数", "Counted from"),
            {
                "sales": bi("成果产品的销售收入", "Sales of the result's products"),
                "licences": bi("成果的许可收入", "Licence fees for the result"),
                "all": bi("成果的全部收入", "All revenue from the result"),
            },
        ),
        Whole("share_bp", bi("出资方合计分成比例", "Share of all funders together"), Unit.PERCENT, 1, 5_000),
        Whole(
            "cap_bp",
            bi("累计上限（占划转金额）", "Cap, of the amount paid in"),
            Unit.PERCENT,
            1_000,
            100_000,
            bi("150% 即划转金额的 1.5 倍。", "150% is one and a half times the amount paid in."),
        ),
        Whole("years", bi("分成年限", "For"), Unit.YEARS, 1, 20),
    ),
)

LOAN_INTENT = Schema(
    Instrument.LOAN_INTENT,
    "2026-1",
    bi(
        "仅为意向：本条款不是借款合同，任何一方都不因此有放款、还款或付息的义务；借款以双方另行签订的合同为准。",
        "An intent only: this is no loan contract and obliges nobody to lend, repay or pay interest; a loan needs a contract of its own.",
    ),
    (
        Whole("interest_ceiling_bp", bi("年利率上限", "Interest per year, at most"), Unit.PERCENT, 0, HIGHEST_INTEREST_BP),
        Whole("term_months", bi("期限", "Term"), Unit.MONTHS, 1, 120),
        Choice(
            "repayment",
            bi("还款方式", "Repayment"),
            {
                "bullet": bi("到期一次偿还", "At once, at the end"),
                "interest_first": bi("按期付息、到期还本", "Interest by period, the loan at the end"),
                "equal_instalments": bi("等额分期", "Equal instalments"),
                "equal_principal": bi("等额本金", "Equal parts of the loan, with interest"),
            },
        ),
        Choice(
            "security",
            bi("增信方式", "Security"),
            {
                "none": bi("信用，无担保物", "None"),
                "ip_pledge": bi("知识产权质押", "Pledge of intellectual property"),
                "receivables": bi("应收账款质押", "Pledge of receivables"),
                "mortgage": bi("不动产或设备抵押", "Mortgage of property or equipment"),
                "surety": bi("第三方保证", "A third party's surety"),
            },
        ),
        Texts("security_note", bi("增信说明", "On the security"), needed=False),
    ),
)

EQUITY_INTENT = Schema(
    Instrument.EQUITY_INTENT,
    "2026-1",
    bi(
        "仅为意向：本条款不是增资或股权转让合同，不确定估值和持股比例，也不含退出安排；投资以各方另行签订的合同为准。",
        "An intent only: this is no investment contract, fixes neither valuation nor share and arranges no exit; "
        "an investment rests on a contract of its own.",
    ),
    (
        Choice(
            "valuation",
            bi("估值依据", "Valuation by"),
            {
                "appraisal": bi("第三方评估", "A third party's appraisal"),
                "last_round": bi("最近一轮融资价格", "The price of the last round"),
                "milestone": bi("里程碑验收后协商", "Negotiation after an accepted milestone"),
                "negotiated": bi("各方协商", "Negotiation"),
            },
        ),
        Whole("least_bp", bi("意向持股比例，自", "Share of the company, from"), Unit.PERCENT, 1, 10_000),
        Whole("most_bp", bi("意向持股比例，至", "Share of the company, to"), Unit.PERCENT, 1, 10_000),
        Texts("next_step", bi("下一步", "Next step")),
    ),
    _range_in_order,
)

PRESENT: dict[str, Schema] = {one.instrument.value: one for one in (GRANT, REVENUE_SHARE, LOAN_INTENT, EQUITY_INTENT)}
SCHEMAS: dict[tuple[str, str], Schema] = {(one.instrument.value, one.version): one for one in PRESENT.values()}
