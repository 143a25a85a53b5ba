"""The pages of a campaign's updates and questions."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from marketplace.common.actor import Actor, signed_in
from marketplace.common.errors import Forbidden, NotFound
from marketplace.common.ids import uuid7
from marketplace.common.text import bi
from marketplace.funding import errors, selectors
from marketplace.funding.models import ENDED, LONGEST_ANSWER, LONGEST_QUESTION, LONGEST_UPDATE, Campaign, CampaignUpdate
from marketplace.funding.permissions import campaign_roles, is_invited
from marketplace.funding.services import asking, posting
from marketplace.web.form_pages import form_page
from marketplace.web.navigation import localised
from marketplace.web.paging import paged

ROWS = 20


def _area(rows: int, **attrs: str) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows, **attrs})


class UpdateForm(forms.Form):
    """News in either language; `key` is made with the form, so that a double click is one update."""

    text_zh = forms.CharField(label=bi("内容（中文）", "Text (Chinese)"), max_length=LONGEST_UPDATE, required=False, widget=_area(6))
    text_en = forms.CharField(label=bi("内容（英文）", "Text (English)"), max_length=LONGEST_UPDATE, required=False, widget=_area(6))
    key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("text_zh", "text_en"):
            self.fields[name].widget.attrs["data-wording"] = localised("/campaigns/wording/")


class QuestionForm(forms.Form):
    """A question; `key` is made with the form, so that a double click is one question."""

    text = forms.CharField(label=bi("问题", "Question"), max_length=LONGEST_QUESTION, widget=_area(4))
    key = forms.UUIDField(widget=forms.HiddenInput)


class AnswerForm(forms.Form):
    answer = forms.CharField(label=bi("答复", "Answer"), max_length=LONGEST_ANSWER, widget=_area(6))


def update_list(request: HttpRequest, pk: str) -> HttpResponse:
    """Everything that the company has posted, newest first."""
    actor = signed_in(request)
    campaign = selectors.campaign_for(actor, pk)
    rows, pages = paged(request, campaign.updates.select_related("corrects").order_by("-posted_at", "-id"), size=ROWS)
    return render(request, "funding/updates.html", {"campaign": campaign, "updates": rows, "posts": may_post(actor, campaign), **pages})


def update_new(request: HttpRequest, pk: str) -> HttpResponse:
    """Post news, or with `?corrects=` what puts an earlier update right."""
    actor = signed_in(request)
    campaign = selectors.campaign_for(actor, pk)
    _require_company(actor, campaign)
    if campaign.opened_at is None:
        raise errors.NotOpenedYet
    earlier = _earlier(campaign, request.GET["corrects"]) if "corrects" in request.GET else None
    here = f"/campaigns/{campaign.pk}/updates/"

    def save(fields: dict[str, Any]) -> str:
        key = fields.pop("key")
        posting.update_post(campaign=campaign, actor=actor, **fields, corrects=earlier.pk if earlier else None, id=key)
        messages.success(request, bi("动态已发布，相关机构会收到通知。", "The update is posted; those concerned are told."))
        return here

    return form_page(
        request,
        UpdateForm(request.POST or None, initial={"key": uuid7()}),
        save,
        heading=bi("更正动态", "Correct an update") if earlier else bi("发布动态", "Post an update"),
        back=here,
        intro=bi(
            f"更正：{earlier.text[:80]}" if earlier else "发布后不能修改或删除，哈希记入账本；更正须另发一条。",
            f"Corrects: {earlier.text[:80]}"
            if earlier
            else "Once posted it is neither changed nor deleted, and its hash goes on the ledger; a correction is a new update.",
        ),
        submit=bi("发布", "Post"),
    )


def question_list(request: HttpRequest, pk: str) -> HttpResponse:
    """Everything that funders have asked, newest first."""
    actor = signed_in(request)
    campaign = selectors.campaign_for(actor, pk)
    rows, pages = paged(request, campaign.questions.order_by("-asked_at", "-id"), size=ROWS)
    context = {
        "campaign": campaign,
        "questions": rows,
        "answers": "company" in campaign_roles(actor, campaign),
        "asks": may_ask(actor, campaign),
        **pages,
    }
    return render(request, "funding/questions.html", context)


def question_ask(request: HttpRequest, pk: str) -> HttpResponse:
    """Ask the company, as an invited institution."""
    actor = signed_in(request)
    campaign = selectors.campaign_for(actor, pk)
    if not may_ask(actor, campaign):
        raise errors.NotInvited(bi("仅限受邀的已核验金融机构提问。", "Questions are for invited and verified financial institutions."))
    here = f"/campaigns/{campaign.pk}/questions/"

    def save(fields: dict[str, Any]) -> str:
        asking.question_ask(campaign=campaign, actor=actor, text=fields["text"], id=fields["key"])
        messages.success(request, bi("问题已提出，需求方会收到通知。", "Asked; the company is told."))
        return here

    return form_page(
        request,
        QuestionForm(request.POST or None, initial={"key": uuid7()}),
        save,
        heading=bi("提问", "Ask a question"),
        back=here,
        intro=bi(
            "能看到该项目的各方都会看到问题和答复，但不显示提问机构；答复后可再提问。",
            "All who see the campaign read it; nobody is told who asked. You may ask again once it is answered.",
        ),
        submit=bi("提交", "Ask"),
    )


def question_answer(request: HttpRequest, pk: str, question: UUID) -> HttpResponse:
    """Answer a question once, as the company."""
    actor = signed_in(request)
    campaign = selectors.campaign_for(actor, pk)
    asked = campaign.questions.select_related("campaign").filter(pk=question).first()
    if asked is None:
        raise NotFound
    _require_company(actor, campaign)
    if asked.answered_at is not None:
        raise errors.AnsweredAlready
    here = f"/campaigns/{campaign.pk}/questions/"

    def save(fields: dict[str, Any]) -> str:
        asking.question_answer(question=asked, actor=actor, answer=fields["answer"])
        messages.success(request, bi("已答复，提问机构会收到通知。", "Answered; whoever asked is told."))
        return here

    form = AnswerForm(request.POST or None)
    form.fields["answer"].widget.attrs["data-wording"] = localised("/campaigns/wording/")
    return form_page(
        request, form, save, heading=bi("答复提问", "Answer a question"), back=here, intro=asked.text, submit=bi("答复", "Answer")
    )


def may_post(actor: Actor, campaign: Campaign) -> bool:
    """Whether this reader is offered to post updates."""
    return campaign.opened_at is not None and "company" in campaign_roles(actor, campaign)


def may_ask(actor: Actor, campaign: Campaign) -> bool:
    """Whether this reader is offered to ask, now or once its last question is answered."""
    open_to_questions = campaign.opened_at is not None and campaign.state not in ENDED
    return open_to_questions and actor.organisation_kind == "funder" and actor.verified and is_invited(actor, campaign)


def _require_company(actor: Actor, campaign: Campaign) -> None:
    if "company" not in campaign_roles(actor, campaign):
        raise Forbidden


def _earlier(campaign: Campaign, named: str) -> CampaignUpdate:
    """The campaign's update of that id, or NotFound where there is none: nothing is posted as no correction by mistake."""
    try:
        found = campaign.updates.filter(pk=UUID(named)).first()
    except ValueError:
        raise NotFound from None
    if found is None:
        raise NotFound
    return found
