import pytest
from django import forms
from django.template import Context, Template
from django.utils.translation import override

from marketplace.web.fields import MoneyField


class Pledge(forms.Form):
    amount = MoneyField(label="Amount", least=10_000, most=40_000_000)
    agreed = forms.BooleanField(label="Agreed")
    mode = forms.ChoiceField(label="Mode", widget=forms.RadioSelect, choices=[("a", "A")])


def amount_of(text: str) -> Pledge:
    return Pledge({"amount": text, "agreed": "on", "mode": "a"})


@pytest.mark.parametrize(("text", "fen"), [("120000", 12_000_000), ("¥1,234.5", 123_450), (" 400,000.00 ", 40_000_000), ("100", 10_000)])
def test_an_amount_written_in_yuan_becomes_fen(text: str, fen: int) -> None:
    form = amount_of(text)
    assert form.is_valid()
    assert form.cleaned_data["amount"] == fen


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("12.345", "invalid"),
        ("一万", "invalid"),
        ("1e5", "invalid"),
        ("99.99", "least"),
        ("400000.01", "most"),
        ("-5", "least"),
        ("", "required"),
    ],
)
def test_an_amount_that_is_not_exact_or_out_of_bounds_is_refused_by_name(text: str, code: str) -> None:
    form = amount_of(text)
    assert [error.code for error in form.errors.as_data()["amount"]] == [code]


def test_stored_fen_are_shown_as_yuan_and_a_faulty_text_as_it_was_written() -> None:
    assert 'value="120,000.00"' in str(Pledge(initial={"amount": 12_000_000})["amount"])
    assert 'value="12.345"' in str(amount_of("12.345")["amount"])


def test_errors_are_listed_first_and_lead_to_their_fields() -> None:
    with override("en"):
        page = Template('{% include "web/components/form.html" with submit_label="Go" %}').render(Context({"form": amount_of("12.345")}))
    assert page.index('role="alert"') < page.index('name="amount"')
    assert '<a href="#id_amount">Amount: Write an amount in yuan' in page
    assert 'id="id_amount_error"' in page
    assert 'aria-invalid="true"' in page


def test_choices_have_a_legend_and_a_tick_box_its_label_behind_it() -> None:
    with override("en"):
        page = Template('{% include "web/components/fields.html" %}').render(Context({"form": Pledge()}))
    assert "<legend>Mode</legend>" in page
    assert page.index('type="checkbox"') < page.index("<span>Agreed")
