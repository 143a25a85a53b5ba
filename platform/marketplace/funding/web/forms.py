"""What people write about campaigns, pledges and bank accounts."""

from typing import Any

from django import forms
from django.utils.formats import date_format
from django.utils.timezone import localtime

from marketplace.accounts.models import Organisation
from marketplace.accounts.models.organisations import OrganisationKind
from marketplace.accounts.workflow import OrganisationState
from marketplace.common.money import yuan
from marketplace.common.text import bi
from marketplace.funding import risk
from marketplace.funding.models import LONGEST_TEXT, MOST_FUNDERS, Campaign
from marketplace.funding.services.campaigning import TEXTS
from marketplace.web.fields import MoneyField
from marketplace.web.navigation import localised


def _area(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


class CampaignForm(forms.Form):
    """A campaign as the company writes it."""

    title_zh = forms.CharField(label=bi("标题（中文）", "Title (Chinese)"), max_length=120, required=False)
    title_en = forms.CharField(label=bi("标题（英文）", "Title (English)"), max_length=200, required=False)
    text_zh = forms.CharField(
        label=bi("说明（中文）", "Text (Chinese)"),
        max_length=LONGEST_TEXT,
        widget=_area(6),
        required=False,
        help_text=bi(
            "不得承诺本金或收益，例如保本、刚性兑付、稳赚、年化收益；可以写明不承诺。条款和资金用途在下一步填写。",
            "No promise of principal or return, such as “guaranteed return” or “risk-free”; saying that there is none is fine. "
            "Terms and use of funds come next.",
        ),
    )
    text_en = forms.CharField(label=bi("说明（英文）", "Text (English)"), max_length=LONGEST_TEXT, widget=_area(4), required=False)
    minimum_fen = MoneyField(
        label=bi("最低目标", "Minimum"), help_text=bi("到期未达即全部解冻。", "If it is missed, every hold is released.")
    )
    optimum_fen = MoneyField(label=bi("最优目标（上限）", "Optimum (the cap)"))
    funder_min_fen = MoneyField(label=bi("单家下限", "Least per funder"))
    funder_max_fen = MoneyField(label=bi("单家上限", "Most per funder"))
    max_funders = forms.IntegerField(label=bi("出资方数量上限", "Most funders"), min_value=1, max_value=MOST_FUNDERS)
    deadline = forms.DateTimeField(
        label=bi("截止时间", "Deadline"),
        input_formats=["%Y-%m-%dT%H:%M"],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    invited = forms.ModelMultipleChoiceField(
        label=bi("受邀机构", "Invited institutions"),
        queryset=Organisation.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=bi("只有受邀且已核验的机构能看到并认筹。", "Only invited and verified institutions see it and may pledge."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in TEXTS:
            self.fields[name].widget.attrs["data-wording"] = localised("/campaigns/wording/")
        verified = Organisation.objects.filter(kind=OrganisationKind.FUNDER, state=OrganisationState.VERIFIED)
        self.fields["invited"].queryset = verified.order_by("name_zh", "id")  # type: ignore[attr-defined]  # a ModelMultipleChoiceField


class ExtensionForm(forms.Form):
    """Until when, and why."""

    until = forms.DateTimeField(
        label=bi("延期至", "New deadline"),
        input_formats=["%Y-%m-%dT%H:%M"],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    reason = forms.CharField(label=bi("理由", "Reason"), max_length=2000, widget=_area(3))


class ExtensionGrantForm(forms.Form):
    """What the company asks for, as the reviewer reads it; the time is sent back, so that no other one is granted."""

    until = forms.DateTimeField(widget=forms.HiddenInput)
    granted = forms.BooleanField(label="")

    def __init__(self, *args: Any, campaign: Campaign, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if campaign.extension_until is None:
            return
        self.fields["until"].initial = campaign.extension_until.isoformat()
        shown = date_format(localtime(campaign.extension_until), "Y-m-d H:i")
        self.fields["granted"].label = bi(f"同意截止时间改为 {shown}", f"The deadline becomes {shown}")
        self.fields["granted"].help_text = campaign.extension_reason


class PledgeForm(forms.Form):
    """How much; `key` is made with the form, so that a double click is one pledge."""

    fen = MoneyField(label=bi("认筹金额", "Amount"))
    key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, campaign: Campaign, available_fen: int | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        low, high, left = yuan(campaign.funder_min_fen), yuan(campaign.funder_max_fen), yuan(campaign.left_fen)
        # None for a member who may not look into the wallet.
        has = "" if available_fen is None else yuan(available_fen)
        self.fields["fen"].help_text = bi(
            f"{low} 元至 {high} 元；距最优目标还余 {left} 元。{f'钱包可用 {has} 元，' if has else ''}确认前不冻结。",
            f"Between {low} and {high} yuan; {left} yuan are left before the optimum. "
            f"{f'Your wallet has {has} yuan available. ' if has else ''}Nothing is held before you confirm.",
        )


class AcceptanceForm(forms.Form):
    """The terms, the risk statement in full and the funder's suitability, all to be ticked; the terms' hash is sent back as it was read."""

    terms_sha256 = forms.CharField(widget=forms.HiddenInput, required=False)
    terms = forms.BooleanField(label=bi("已阅读并接受上列条款", "We have read and accept the terms above"))
    accepted = forms.BooleanField(label="")
    suitable = forms.BooleanField(label=bi("适当性确认", "Suitability"), help_text=risk.SUITABILITY)

    def __init__(self, *args: Any, campaign: Campaign, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        version = campaign.risk_version
        self.fields["terms_sha256"].initial = campaign.terms_sha256
        if not campaign.terms:
            del self.fields["terms"]
        self.fields["accepted"].label = bi(
            f"已阅读并接受风险揭示书（{version} 版）", f"We have read and accept the risk statement ({version})"
        )
        self.fields["accepted"].help_text = campaign.risk_statement


class BankAccountForm(forms.Form):
    """An account in the organisation's own name."""

    holder_name = forms.CharField(
        label=bi("账户名称", "Account name"), max_length=160, help_text=bi("须与单位名称一致。", "The organisation's own name.")
    )
    number = forms.CharField(label=bi("账号", "Account number"), max_length=60)
    bank_name = forms.CharField(label=bi("开户银行", "Bank"), max_length=120)


class NoteForm(forms.Form):
    note = forms.CharField(label=bi("意见（可不填）", "Note (optional)"), max_length=2000, widget=_area(3), required=False)
