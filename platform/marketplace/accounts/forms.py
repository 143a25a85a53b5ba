"""What sign-up asks beside e-mail and password, on the page and over JSON alike."""

from typing import Any

from django import forms
from django.http import HttpRequest

from marketplace.accounts import terms
from marketplace.accounts.models import Person
from marketplace.accounts.models.people import Language
from marketplace.accounts.services import signing_up
from marketplace.common.text import bi, is_english


def _readers_language() -> str:
    return Language.ENGLISH if is_english() else Language.CHINESE


class TermsBox(forms.CheckboxInput):
    """A checkbox whose value is the version of the terms shown beside it."""

    def __init__(self) -> None:
        super().__init__(check_test=lambda value: value == terms.CURRENT.version)

    def format_value(self, value: Any) -> str:
        return terms.CURRENT.version

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        return data.get(name)


class SignupForm(forms.Form):
    """Name, language and the version of the terms agreed to; anything but today's is refused."""

    field_order = ("email", "password1", "name", "language", "terms_version")

    name = forms.CharField(label=bi("姓名", "Name"), max_length=80)
    language = forms.ChoiceField(label=bi("语言", "Language"), choices=Language.choices, initial=_readers_language)
    terms_version = forms.CharField(
        label=bi("我已阅读并同意服务条款", "I have read and agree to the terms of service"),
        widget=TermsBox(),
        error_messages={"required": bi("请先同意服务条款。", "Agree to the terms of service first.")},
    )

    def clean_terms_version(self) -> str:
        version: str = self.cleaned_data["terms_version"]
        if version != terms.CURRENT.version:
            raise forms.ValidationError(
                bi(
                    f"服务条款现行版本为 {terms.CURRENT.version}，请阅读后重新同意。",
                    f"The terms in force are version {terms.CURRENT.version}: read and agree again.",
                ),
                code="terms_outdated",
            )
        return version

    def signup(self, request: HttpRequest, user: Person) -> None:
        """Called by allauth once the person is saved, inside the sign-up."""
        data: dict[str, Any] = self.cleaned_data
        signing_up.complete(person=user, name=data["name"], language=data["language"], version=data["terms_version"])
