"""What the treasury's pages ask; the rules stand in the services."""

import re
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.core.validators import MaxValueValidator
from django.http import QueryDict

from marketplace.common.text import bi
from marketplace.treasury.models import INCOMING, DecisionKind, MappedField, OrderForm, StatementMapping
from marketplace.treasury.models.mappings import MOST_SKIPPED
from marketplace.treasury.selectors import organisation_by_credit_code
from marketplace.treasury.services.mappings import LONGEST, NEEDED
from marketplace.treasury.services.payment_files import Payment


class StatementForm(forms.Form):
    mapping = forms.ModelChoiceField(
        label=bi("列映射", "Mapping of columns"),
        queryset=StatementMapping.objects.order_by("name"),
        required=False,
        empty_label=bi("标准列名，或 camt.053", "Our own columns, or camt.053"),
    )
    file = forms.FileField(
        label=bi("银行对账单", "Bank statement"),
        help_text=bi(
            "ISO 20022 camt.053（XML）；或 CSV，列名：bank_line_id, booked_at, amount_yuan, direction, payer_name, payer_account, "
            "reference，可另有 balance_yuan。",
            "ISO 20022 camt.053 (XML); or CSV with the columns bank_line_id, booked_at, amount_yuan, direction, payer_name, "
            "payer_account, reference, and balance_yuan if you have it.",
        ),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.xml,text/csv,application/xml,text/xml"}),
    )


class MappingForm(forms.ModelForm[StatementMapping]):
    """A mapping: how the file is written, and under which heading each field stands."""

    words_in = forms.CharField(
        label=bi("表示收入的用词", "Words for money in"),
        required=False,
        help_text=bi("有“收支方向”一列时填写，以逗号分隔，如：贷, C", "Where there is a direction, separated by commas: credit, C"),
    )
    words_out = forms.CharField(label=bi("表示支出的用词", "Words for money out"), required=False)

    class Meta:
        model = StatementMapping
        fields = ("name", "encoding", "delimiter", "skip_lines", "date_format")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["skip_lines"].max_value = MOST_SKIPPED  # type: ignore[attr-defined]  # an IntegerField
        self.fields["skip_lines"].validators.append(MaxValueValidator(MOST_SKIPPED))
        for one in MappedField:
            self.fields[one.value] = forms.CharField(
                label=one.label, max_length=LONGEST, required=one in NEEDED, initial=self.instance.columns.get(one.value, "")
            )
        for name in ("words_in", "words_out"):
            self.fields[name].initial = ", ".join(getattr(self.instance, name))
        self.order_fields(["name", "encoding", "delimiter", "skip_lines", "date_format", *MappedField.values, "words_in", "words_out"])

    def clean(self) -> dict[str, Any]:
        """What the service takes: the columns by their fields, the words one by one."""
        fields = super().clean() or {}
        fields["columns"] = {one.value: fields.pop(one.value, "") for one in MappedField}
        for name in ("words_in", "words_out"):
            fields[name] = re.split(r"[,，、]", fields.get(name) or "")
        return fields

    def validate_unique(self) -> None:
        """The service says that a name is taken."""


class PeriodForm(forms.Form):
    since = forms.DateField(label=bi("自", "From"), widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(label=bi("至", "To"), widget=forms.DateInput(attrs={"type": "date"}))

    def clean(self) -> dict[str, Any]:
        fields = super().clean() or {}
        since, until = fields.get("since"), fields.get("until")
        for name, day in (("since", since), ("until", until)):
            if day and not 2000 <= day.year < 2100:
                self.add_error(name, bi("日期须在 2000 至 2099 年之间。", "A day lies between 2000 and 2099."))
        if since and until and until < since:
            self.add_error("until", bi("截止日不能早于起始日。", "The last day cannot come before the first."))
        return fields


class AssignForm(forms.Form):
    """What one officer proposes for a line that nobody recognised."""

    kind = forms.ChoiceField(
        label=bi("如何处理", "What to do"), choices=[(kind.value, kind.label) for kind in INCOMING], widget=forms.RadioSelect
    )
    credit_code = forms.CharField(
        label=bi("统一社会信用代码", "Unified social credit code"),
        max_length=18,
        required=False,
        help_text=bi("入账时填写，退回时留空。", "For a wallet; empty for a return."),
    )

    def clean(self) -> dict[str, Any]:
        fields = super().clean() or {}
        if fields.get("kind") == DecisionKind.WALLET and len(fields.get("credit_code") or "") != 18:
            self.add_error("credit_code", bi("统一社会信用代码为 18 位。", "A credit code has 18 characters."))
        return fields


class CallOffForm(forms.Form):
    """Whose wallet the money of a return belongs in instead, by its credit code."""

    credit_code = forms.CharField(label=bi("统一社会信用代码", "Unified social credit code"), min_length=18, max_length=18)

    def clean_credit_code(self) -> str:
        code = str(self.cleaned_data["credit_code"])
        if organisation_by_credit_code(code) is None:
            raise forms.ValidationError(str(bi("没有这个统一社会信用代码的单位。", "No organisation has this credit code.")))
        return code


class AgreeToCallOffForm(forms.Form):
    """The wallet that the page showed to whoever agrees."""

    organisation_id = forms.UUIDField(widget=forms.HiddenInput)


class ExplainForm(forms.Form):
    """What one officer proposes for a line out that nobody recognised."""

    kind = forms.ChoiceField(
        label=bi("这是什么", "What it is"),
        choices=[(kind.value, kind.label) for kind in DecisionKind if kind not in INCOMING],
        widget=forms.RadioSelect,
    )
    top_up = forms.CharField(
        label=bi("被撤回来款的流水号", "Line id of the top-up taken back"),
        max_length=64,
        required=False,
        help_text=bi(
            "金额须与该来款一致，来款已入账或尚待退回；银行收费留空。",
            "Of the same amount, booked or still to be returned; empty for the bank’s own charge.",
        ),
    )

    def clean(self) -> dict[str, Any]:
        fields = super().clean() or {}
        is_fee = fields.get("kind") == DecisionKind.BANK_FEE
        if is_fee == bool(fields.get("top_up")):
            self.add_error(
                "top_up",
                bi("银行收费不填流水号。", "A charge of the bank’s names no top-up.")
                if is_fee
                else bi("请填写来款的流水号。", "Name the top-up."),
            )
        return fields


def is_uuid(text: str) -> bool:
    """Whether a text is an id."""
    try:
        UUID(text)
    except ValueError:
        return False
    return True


class PaymentOrderForm(forms.Form):
    """Which payments go into the next file, and how the bank wants it."""

    form = forms.ChoiceField(label=bi("文件格式", "Kind of file"), choices=OrderForm.choices)
    payments = forms.MultipleChoiceField(label=bi("待付款项", "Payments"), required=False)

    def __init__(self, *args: Any, waiting: Sequence[Payment], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # What no longer waits is refused by the order itself, which says so.
        sent = self.data.getlist("payments") if isinstance(self.data, QueryDict) else []
        known = {str(payment.id) for payment in waiting} | {one for one in sent if is_uuid(one)}
        self.fields["payments"].choices = [(one, one) for one in sorted(known)]  # type: ignore[attr-defined]  # a MultipleChoiceField
