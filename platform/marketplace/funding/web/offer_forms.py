"""What a company writes of its campaign's terms and use of funds, as forms made from the same schemas."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms

from marketplace.common.text import bi
from marketplace.funding.models import SpendingCategory
from marketplace.funding.terms import Schema
from marketplace.funding.terms.fields import LONGEST, Choice, Field, Texts, Unit, Whole
from marketplace.web.fields import MoneyField
from marketplace.web.navigation import localised

_UNITS = {
    Unit.PERCENT: bi("（%）", " (%)"),
    Unit.DAYS: bi("（天）", " (days)"),
    Unit.MONTHS: bi("（月）", " (months)"),
    Unit.YEARS: bi("（年）", " (years)"),
}
_SIDES = {"zh": bi("（中文）", " (Chinese)"), "en": bi("（英文）", " (English)")}


class PercentField(forms.DecimalField):
    """A percentage written as such ("2.5") that cleans to whole basis points."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(decimal_places=2, max_digits=8, **kwargs)

    def clean(self, value: Any) -> Any:
        """Basis points from the written percentage; None when it is empty."""
        written: Decimal | None = super().clean(value)
        return None if written is None else int(written * 100)

    def prepare_value(self, value: Any) -> Any:
        """Show stored basis points as a percentage; leave what the person typed."""
        return Unit.PERCENT.words(value).removesuffix("%") if isinstance(value, int) else value


class TermsForm(forms.Form):
    """The terms of one instrument: a form field for each value of its schema, named `terms.<name>` as refusals name it."""

    def __init__(self, *args: Any, schema: Schema, written: Mapping[str, Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in schema.fields:
            for key, made in _fields_of(field):
                made.initial = written.get(key)
                self.fields[f"terms.{key}"] = made


def _fields_of(field: Field) -> list[tuple[str, forms.Field]]:
    """The form fields of one field of a schema. What may stand is the schema's to say, so nothing else is asked here."""
    if isinstance(field, Whole) and field.unit is Unit.PERCENT:
        return [(field.name, PercentField(label=f"{field.label}{_UNITS[field.unit]}", help_text=field.hint or field.span))]
    if isinstance(field, Whole):
        return [(field.name, forms.IntegerField(label=f"{field.label}{_UNITS[field.unit]}", help_text=field.hint or field.span))]
    if isinstance(field, Choice):
        return [(field.name, forms.ChoiceField(label=field.label, choices=[("", "—"), *field.options.items()]))]
    assert isinstance(field, Texts)
    return [
        (
            key,
            forms.CharField(
                label=f"{field.label}{side}",
                max_length=LONGEST,
                required=False,
                help_text=field.hint,
                widget=forms.Textarea(attrs={"rows": 3, "data-wording": localised("/campaigns/wording/")}),
            ),
        )
        for key, side in zip(field.keys, _SIDES.values(), strict=True)
    ]


class UseOfFundsForm(forms.Form):
    """So many lines of a use of funds, fields named `use_of_funds.<place>.<name>`; a line left empty is none."""

    NAMES = ("category", "purpose_zh", "purpose_en", "fen")

    def __init__(self, *args: Any, rows: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rows = rows
        for place in range(rows):
            for name, made in self._line().items():
                self.fields[f"use_of_funds.{place}.{name}"] = made

    @staticmethod
    def _line() -> dict[str, forms.Field]:
        return {
            "category": forms.ChoiceField(label=bi("类别", "Category"), choices=[("", "—"), *SpendingCategory.choices], required=False),
            "purpose_zh": forms.CharField(label=bi("用途（中文）", "Purpose (Chinese)"), max_length=120, required=False),
            "purpose_en": forms.CharField(label=bi("用途（英文）", "Purpose (English)"), max_length=200, required=False),
            "fen": MoneyField(label=bi("金额", "Amount"), required=False),
        }

    def clean(self) -> dict[str, Any]:
        """One line at least: an empty sending takes nothing away."""
        if not self.errors and not self.lines():
            raise forms.ValidationError(bi("请至少填写一项。", "Write one line at least."))
        return self.cleaned_data

    def lines(self) -> list[dict[str, Any]]:
        """The lines as they were written, the empty ones left out; `compact` sees to it that these stand last."""
        found = [{name: self.cleaned_data[f"use_of_funds.{place}.{name}"] for name in self.NAMES} for place in range(self.rows)]
        return [line for line in found if any(line.values())]

    def places(self) -> list[list[Any]]:
        """The fields line by line, for the page."""
        return [[self[f"use_of_funds.{place}.{name}"] for name in self.NAMES] for place in range(self.rows)]


def compact(sent: Mapping[str, str], rows: int) -> dict[str, str]:
    """What was sent with its empty lines last, so that a refusal's places are those of the form."""
    lines = [[sent.get(f"use_of_funds.{place}.{name}", "").strip() for name in UseOfFundsForm.NAMES] for place in range(rows)]
    written = [line for line in lines if any(line)]
    return {
        f"use_of_funds.{place}.{name}": value
        for place, line in enumerate(written)
        for name, value in zip(UseOfFundsForm.NAMES, line, strict=True)
    }
