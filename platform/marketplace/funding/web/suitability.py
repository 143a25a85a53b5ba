"""The suitability questionnaire as a page."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.formats import date_format

from marketplace.accounts.models.organisations import OrganisationKind
from marketplace.common import clock
from marketplace.common.actor import signed_in
from marketplace.common.errors import Forbidden
from marketplace.common.text import bi
from marketplace.funding import suitability
from marketplace.funding.models import Suitability
from marketplace.funding.permissions import MONEY_ROLES
from marketplace.funding.services import assessing
from marketplace.web.form_pages import form_page


class SuitabilityForm(forms.Form):
    """Every question of the present version, none answered beforehand."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for number, question in enumerate(suitability.QUESTIONNAIRES[suitability.VERSION].questions, start=1):
            self.fields[question.key] = forms.ChoiceField(
                label=f"{number}. {question.label}",
                choices=[(option.key, option.label) for option in question.options],
                widget=forms.RadioSelect,
            )


def questionnaire(request: HttpRequest) -> HttpResponse:
    """Answer it, or answer it again; afterwards back to the campaign that one came from."""
    actor = signed_in(request)
    if actor.organisation_id is None or actor.organisation_kind != OrganisationKind.FUNDER or not actor.roles & MONEY_ROLES:
        raise Forbidden(bi("由金融融资机构的管理员或财务填写。", "For the managers and finance people of financial institutions."))
    campaign = _uuid(request.GET.get("campaign", ""))
    back = f"/campaigns/{campaign}/" if campaign else "/campaigns/"

    def save(answers: dict[str, Any]) -> str:
        made = assessing.suitability_answer(actor=actor, version=suitability.VERSION, answers=answers)
        if made.suitable:
            messages.success(request, told(made))
            return f"{back}pledge/" if campaign else back
        messages.warning(request, told(made))
        return "/suitability/"

    last = assessing.newest(actor.organisation_id)
    intro = told(last) if last else bi("认筹前填写，有效期内不必重填。", "Answered before the first pledge, and again when it has run out.")
    return form_page(
        request,
        SuitabilityForm(request.POST or None),
        save,
        heading=bi("适当性问卷", "Suitability questionnaire"),
        back=back,
        intro=intro,
        submit=bi("提交", "Submit"),
    )


def told(made: Suitability) -> Any:
    """What an answered questionnaire amounts to, and until when."""
    most = suitability.QUESTIONNAIRES[made.version].most
    day = date_format(made.valid_until, "Y-m-d")
    if not made.suitable:
        return bi(
            f"评估未通过（{made.points}/{most} 分），暂不能认筹；情况变化后可重新填写。",
            f"The assessment ({made.points} of {most} points) does not allow pledging; answer again when things change.",
        )
    if not made.counts_at(clock.now()):
        return bi(f"评估已于 {day} 过期，请重新填写。", f"The assessment ran out on {day}: answer again.")
    return bi(f"评估通过（{made.points}/{most} 分），有效期至 {day}。", f"Suitable ({made.points} of {most} points), valid until {day}.")


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
