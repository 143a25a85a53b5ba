"""What people write about agreements."""

from typing import Any

from django import forms

from marketplace.accounts.models import Organisation
from marketplace.agreements.models.agreements import MOST_CAP_BP, WHOLE_PPM, TerminationReason
from marketplace.agreements.selectors import regional_bodies
from marketplace.common.codes import contracts
from marketplace.common.text import bi
from marketplace.funding.models import Campaign
from marketplace.web.fields import MoneyField

SHARES = ("inventor_share_ppm", "unit_share_ppm", "region_share_ppm")


class PercentField(forms.DecimalField):
    """A percentage that cleans to a whole number: of millionths with four decimals, of ten-thousandths with two."""

    def __init__(self, *, decimals: int = 4, most: int = 100, **kwargs: Any) -> None:
        self.scale: int = 10**decimals
        super().__init__(min_value=0, max_value=most, decimal_places=decimals, **kwargs)

    def clean(self, value: Any) -> Any:
        percent = super().clean(value)
        return None if percent is None else int(percent * self.scale)


class TermsForm(forms.Form):
    """Contract type, the tiers of later revenue in their order, further terms."""

    contract_type = forms.ChoiceField(label=bi("合同类型（民法典）", "Contract type (Civil Code)"))
    costs_cap_fen = MoneyField(
        label=bi("后续收益（一）：先归还企业成本，累计至多", "Later revenue 1: the company's costs first, in all at most"),
        least=0,
        initial=0,
        help_text=bi("只归还有凭证的成本；0 为不先归还。", "Only evidenced costs; 0: none are returned first."),
    )
    funders_cap_bp = PercentField(
        label=bi("（二）：再归出资方，累计至多为其出资的 %", "2: then to the funders, in all at most this % of what they paid in"),
        decimals=2,
        most=MOST_CAP_BP // 100,
        initial=0,
        help_text=bi("例如 120：每笔出资累计至多收回 1.2 倍；不承诺本金或收益。", "120: each at most 1.2 times; nothing is promised."),
    )
    inventor_share_ppm = PercentField(label=bi("（三）：其余中成果完成人 %", "3: of the rest, inventors %"), initial=50)
    unit_share_ppm = PercentField(label=bi("其余中所在单位 %", "Of the rest, their institution %"), initial=50)
    region_share_ppm = PercentField(label=bi("其余中地区 %", "Of the rest, the region %"), initial=0)
    region_body = forms.ModelChoiceField(
        label=bi("收取地区份额的服务机构", "Who receives the region's share"),
        queryset=Organisation.objects.none(),
        required=False,
        empty_label=bi("无地区份额", "No region's share"),
    )
    reward_agreed = forms.BooleanField(
        label=bi("所在单位对完成人的奖酬另有规定或约定", "The institution has other rules for the inventors' reward"), required=False
    )
    terms_zh = forms.CharField(label=bi("补充条款", "Further terms"), widget=forms.Textarea(attrs={"rows": 5}), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["contract_type"].choices = contracts.choices()  # type: ignore[attr-defined]  # a ChoiceField
        self.fields["region_body"].queryset = regional_bodies()  # type: ignore[attr-defined]  # a ModelChoiceField

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        shares = [cleaned.get(name) for name in SHARES]
        if None not in shares and sum(shares) != WHOLE_PPM:  # type: ignore[arg-type]  # none of them is None here
            self.add_error("unit_share_ppm", bi("三项之和须为 100.0000%。", "The three sum to 100.0000 %."))
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
        cap = self.fields["funders_cap_bp"]
        cap.required, cap.initial = False, None
        cap.help_text = bi(
            "由募资条款决定，可留空；不承诺本金或收益。", "As the campaign's terms say: may be left empty; nothing is promised."
        )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("funders_cap_bp") is None:
            cleaned.pop("funders_cap_bp", None)
        return cleaned


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
    """One period's revenue and costs with their evidence, and how much is to be shared."""

    period_from = forms.DateField(label=bi("期间自", "Period from"), widget=forms.DateInput(attrs={"type": "date"}))
    period_to = forms.DateField(label=bi("期间至", "Period to"), widget=forms.DateInput(attrs={"type": "date"}))
    revenue_fen = MoneyField(label=bi("收入", "Revenue"))
    costs_fen = MoneyField(label=bi("有凭证的成本", "Evidenced costs"), least=0, initial=0)
    shared_fen = MoneyField(label=bi("可分配金额", "To be shared"))
    evidence = forms.FileField(
        label=bi("凭证", "Evidence"),
        help_text=bi(
            "收入与成本的账目，至多 20 MB；受托方与出资方在审查期内可查阅。",
            "The accounts of revenue and costs, 20 MB at most; team and funders may read it.",
        ),
    )
    note = forms.CharField(label=bi("说明", "Note"), max_length=4000, widget=forms.Textarea(attrs={"rows": 3}), required=False)

    def __init__(self, *args: Any, with_costs: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not with_costs:
            del self.fields["costs_fen"]


class AskForm(forms.Form):
    text = forms.CharField(label=bi("问题", "Question"), max_length=4000, widget=forms.Textarea(attrs={"rows": 4}))


class AnswerForm(forms.Form):
    """The answer to one of the questions that wait."""

    question = forms.ChoiceField(label=bi("提问", "Question"), widget=forms.RadioSelect)
    text = forms.CharField(label=bi("答复", "Answer"), max_length=4000, widget=forms.Textarea(attrs={"rows": 4}))

    def __init__(self, *args: Any, waiting: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        asked = [(str(one.pk), f"{one.organisation.name}: {one.text}") for one in waiting]
        self.fields["question"].choices = asked  # type: ignore[attr-defined]  # a ChoiceField
        self.fields["question"].initial = asked[0][0] if asked else None
