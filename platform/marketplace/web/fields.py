"""Form fields that pages share."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from marketplace.common.money import parse_yuan, yuan
from marketplace.common.text import bi


class MoneyField(forms.Field):
    """An amount written in yuan ("120,000.00") that cleans to whole fen; refuses what is not exact, or outside `least`/`most` fen."""

    widget = forms.TextInput

    def __init__(self, *, least: int = 1, most: int = 10**15, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.least, self.most = least, most
        self.widget.attrs |= {"inputmode": "decimal", "autocomplete": "off", "data-unit": bi("元", "CNY")}

    def to_python(self, value: Any) -> int | None:
        """Fen from the text; None when it is empty."""
        text = str(value or "").strip().replace("，", "").replace("¥", "")
        if not text:
            return None
        try:
            return parse_yuan(text)
        except ValueError:
            raise ValidationError(
                bi(
                    "请填写金额，单位元，最多两位小数，例如 120000.00。",
                    "Write an amount in yuan with at most two decimals, such as 120000.00.",
                ),
                code="invalid",
            ) from None

    def validate(self, value: int | None) -> None:
        """Refuse an empty required amount, or one outside the bounds."""
        super().validate(value)
        if value is None:
            return
        if value < self.least:
            raise ValidationError(
                bi(f"金额不能少于 {yuan(self.least)} 元。", f"The amount is at least CNY {yuan(self.least)}."), code="least"
            )
        if value > self.most:
            raise ValidationError(bi(f"金额不能超过 {yuan(self.most)} 元。", f"The amount is at most CNY {yuan(self.most)}."), code="most")

    def prepare_value(self, value: Any) -> Any:
        """Show stored fen as yuan; leave what the person typed."""
        return yuan(value) if isinstance(value, int) else value
