"""What people write about agreements."""

from typing import Any

from django import forms

from marketplace.agreements.models.agreements import WHOLE_PPM, TerminationReason
from marketplace.common.codes import contracts
from marketplace.common.text import bi
from marketplace.funding.models import Campaign
from marketplace.web.fields import MoneyField

SHARES = ("company_share_ppm", "team_share_ppm", "funders_share_ppm")


class PercentField(forms.DecimalField):
    """A percentage with four decimals that cleans to whole parts per million."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=0, max_value=100, decimal_places=4, **kwargs)

    def clean(self, value: Any) -> Any:
        percent = super().clean(value)
        return None if percent is None else int(percent * 10_000)


class TermsForm(forms.Form):
    """Contract type, shares of later revenue, further terms."""

    contract_type = forms.ChoiceField(label=bi("合同类型（民法典）", "Contract type (Civil Code)"))
    company_share_ppm = PercentField(label=bi("后续收益：企业 %", "Later revenue: company %"), initial=0)
    team_share_ppm = PercentField(label=bi("后续收益：团队所在单位 %", "Later revenue: the team's institution %"), initial=100)
    funders_share_ppm = PercentField(label=bi("后续收益：出资方合计 %", "Later revenue: funders together %"), initial=0)
    terms_zh = forms.CharField(label=bi("补充条款", "Further terms"), widget=forms.Textarea(attrs={"rows": 5}), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["contract_type"].choices = contracts.choices()  # type: ignore[attr-defined]  # a ChoiceField

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        shares = [cleaned.get(name) for name in SHARES]
        if None not in shares and sum(shares) != WHOLE_PPM:  # type: ignore[arg-type]  # none of them is None here
            self.add_error("team_share_ppm", bi("三项之和须为 100.0000%。", "The three sum to 100.0000 %."))
        return cleaned


class DrawForm(TermsForm):
    """The terms of a new agreement, and the campaign whose money it takes."""

    field_order = ("contract_type", "campaign")
    campaign = forms.ModelChoiceField(
        label=bi("募资项目", "Campaign"),
        queryset=Campaign.objects.none(),
        required=False,
        empty_label=bi("无（企业全额出资）", "None: the company pays all"),
    )

    def __init__(self, *args: Any, campaigns: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["campaign"].queryset = campaigns  # type: ignore[attr-defined]  # a ModelChoiceField


class DeliverForm(forms.Form):
    file = forms.FileField(
        label=bi("成果文件", "What is delivered"),
        help_text=bi("至多 20 MB；SHA-256 记入账本。", "20 MB at most; its SHA-256 goes on record."),
    )
    note = forms.CharField(label=bi("说明", "Note"), widget=forms.Textarea(attrs={"rows": 3}), required=False)


class NoteForm(forms.Form):
    note = forms.CharField(label=bi("验收意见", "Acceptance note"), widget=forms.Textarea(attrs={"rows": 3}), required=False)


class TerminateForm(forms.Form):
    reason = forms.ChoiceField(label=bi("事由", "Ground"), choices=TerminationReason.choices)
    text = forms.CharField(label=bi("说明", "In words"), widget=forms.Textarea(attrs={"rows": 4}))


class RevenueForm(forms.Form):
    """One period's revenue, and how much of it is to be shared."""

    period_from = forms.DateField(label=bi("期间自", "Period from"), widget=forms.DateInput(attrs={"type": "date"}))
    period_to = forms.DateField(label=bi("期间至", "Period to"), widget=forms.DateInput(attrs={"type": "date"}))
    revenue_fen = MoneyField(label=bi("收入", "Revenue"))
    shared_fen = MoneyField(label=bi("可分配金额", "To be shared"))
    note = forms.CharField(label=bi("说明", "Note"), required=False)
