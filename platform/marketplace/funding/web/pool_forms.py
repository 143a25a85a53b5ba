"""What an institution writes to open a matching pool."""

from decimal import Decimal
from typing import Any

from django import forms

from marketplace.common.codes import industries, regions
from marketplace.common.text import bi, pick
from marketplace.funding.models import MOST_RATIO_BP
from marketplace.web.fields import MoneyField


class PoolMoneyForm(forms.Form):
    """How much goes from the wallet into the pool."""

    fen = MoneyField(label=bi("转入金额", "Amount"))


class PoolForm(forms.Form):
    """The rule of a pool and its first money; `key` is made with the form, so that a double click is one pool."""

    name_zh = forms.CharField(label=bi("名称（中文）", "Name (Chinese)"), max_length=80, required=False)
    name_en = forms.CharField(label=bi("名称（英文）", "Name (English)"), max_length=120, required=False)
    fen = MoneyField(label=bi("转入金额", "Amount"))
    ratio_bp = forms.DecimalField(
        label=bi("配套比例（%）", "Ratio (%)"),
        min_value=Decimal("0.01"),
        max_value=Decimal(MOST_RATIO_BP) / 100,
        decimal_places=2,
        help_text=bi("每笔确认的认筹按此比例配套，向下取整到分。", "Added to each confirmed pledge, floored to the fen."),
    )
    pledge_cap_fen = MoneyField(label=bi("单笔至多", "Most per pledge"))
    campaign_cap_fen = MoneyField(label=bi("单个项目至多", "Most per campaign"))
    funder_cap_fen = MoneyField(
        label=bi("单家机构至多", "Most per funder"),
        help_text=bi("一家机构在所有项目中的认筹合计。", "To one funder's pledges everywhere."),
    )
    regions = forms.MultipleChoiceField(
        label=bi("地区", "Regions"),
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=bi("不选即不限。", "None chosen means all."),
    )
    industries = forms.MultipleChoiceField(
        label=bi("行业", "Industries"),
        widget=forms.SelectMultiple(attrs={"size": 6}),
        required=False,
        help_text=bi("可多选；不选即不限。", "Choose several; none means all."),
    )
    until = forms.DateTimeField(
        label=bi("截止时间", "Until"),
        input_formats=["%Y-%m-%dT%H:%M"],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        help_text=bi("届时未承诺的资金退回钱包。", "What is not promised by then returns to your wallet."),
    )
    key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["regions"].choices = [(code, pick(zh, en)) for code, (zh, en) in regions.PROVINCES.items()]  # type: ignore[attr-defined]  # a MultipleChoiceField
        self.fields["industries"].choices = industries.choices()  # type: ignore[attr-defined]  # a MultipleChoiceField

    def clean_ratio_bp(self) -> int:
        """Per cent with two decimals are whole basis points."""
        return int(self.cleaned_data["ratio_bp"] * 100)
