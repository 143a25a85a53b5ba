"""Pages that act: one view for every move of every table, with a form or a confirmation where one is due."""

import hashlib
from collections.abc import Mapping
from typing import Any, ClassVar

from django.contrib import messages
from django.db import transaction
from django.forms import CharField, Form, Textarea
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views import View

from marketplace.common import idempotency
from marketplace.common.actor import Actor, signed_in
from marketplace.common.errors import Invalid, NotFound
from marketplace.common.ids import uuid7
from marketplace.common.text import bi
from marketplace.web.form_pages import show_refusal
from marketplace.web.navigation import localised
from marketplace.workflow import registry
from marketplace.workflow.machine import Machine, Move
from marketplace.workflow.models import Stateful
from marketplace.workflow.performing import perform
from marketplace.workflow.permission import may


class ReasonForm(Form):
    """The reason that stays on record."""

    reason = CharField(label=bi("理由", "Reason"), max_length=2000, widget=Textarea(attrs={"rows": 4}))


class ActionPage(View):
    """`…/<id>/actions/<action>/`: GET shows the form or the confirmation, POST makes the move.

    Set `machine`, `forms`, the texts of `promises` for moves that deserve a second look, and say
    where an object is found and shown. A page that moves money carries a key made before it is
    sent, so that a double click is one move.
    """

    machine: ClassVar[Machine]
    forms: ClassVar[Mapping[str, type[Form]]] = {}
    promises: ClassVar[Mapping[str, Any]] = {}

    def find(self, actor: Actor, pk: str) -> Stateful:
        raise NotFound

    def home(self, obj: Any) -> str:
        """The address of the object's own page, without language prefix."""
        return "/"

    def form_kwargs(self, action: str, obj: Any, actor: Actor) -> dict[str, Any]:
        return {}

    def data(self, action: str, cleaned: dict[str, Any], obj: Any, actor: Actor) -> dict[str, Any]:
        """What the effect takes, from what the form holds."""
        return cleaned

    def facts(self, action: str, obj: Any) -> list[dict[str, Any]]:
        """What the page shows above its form; nothing by default."""
        return []

    def get(self, request: HttpRequest, pk: str, action: str) -> HttpResponse:
        actor, obj, move = self._asked(request, pk, action)
        form = self._form(action, obj, actor)
        return self._page(request, obj, move, form)

    def post(self, request: HttpRequest, pk: str, action: str) -> HttpResponse:
        actor, obj, move = self._asked(request, pk, action)
        form = self._form(action, obj, actor, request)
        needs_page = action in self.forms or action in self.promises
        if needs_page and "key" not in request.POST:
            return self._page(request, obj, move, self._form(action, obj, actor))
        if form is not None and not form.is_valid():
            return self._page(request, obj, move, form, status=422)
        try:
            self._perform(request, actor, obj, move, form)
        except Invalid as refusal:
            if form is None:
                raise
            show_refusal(form, refusal)
            return self._page(request, obj, move, form, status=422)
        messages.success(request, bi(f"已完成：{move.label}", f"Done: {move.label}"))
        return HttpResponseRedirect(localised(self.home(obj)))

    def _perform(self, request: HttpRequest, actor: Actor, obj: Stateful, move: Move, form: Form | None) -> None:
        data = self.data(move.action, dict(form.cleaned_data), obj, actor) if form is not None else {}

        def run() -> tuple[int, Any]:
            with transaction.atomic():
                self.performed(move.action, perform(move.action, obj, actor, **data))
            return 200, {}

        key = request.POST.get("key", "")
        if not (move.money and key):
            run()
            return
        sent = sorted((k, v) for k, v in request.POST.items() if k not in {"csrfmiddlewaretoken", "key"})
        fingerprint = hashlib.sha256(repr((request.path, sent)).encode()).digest()
        idempotency.once(actor_key=f"page:{actor.person_id}", key=key[:255], fingerprint=fingerprint, run=run, wait=True)

    def performed(self, action: str, changed: Any) -> None:
        """What follows from a move in the same request; nothing by default."""

    def _asked(self, request: HttpRequest, pk: str, action: str) -> tuple[Actor, Stateful, Move]:
        actor = signed_in(request)
        obj = self.find(actor, pk)
        rows = self.machine.by_action.get(action)
        if not rows:
            raise NotFound
        move = self.machine.find(action, obj.state) or rows[0]
        # A form may show what only its role may read, so the role is asked before the form is.
        if (refusal := may(registry.of(obj), actor, move, obj).refusal) is not None:
            raise refusal
        return actor, obj, move

    def _form(self, action: str, obj: Any, actor: Actor, request: HttpRequest | None = None) -> Form | None:
        shape = self.forms.get(action)
        if shape is None:
            return None
        sent: dict[str, Any] = {"data": request.POST, "files": request.FILES} if request is not None else {}
        return shape(**sent, **self.form_kwargs(action, obj, actor))

    def _page(self, request: HttpRequest, obj: Any, move: Move, form: Form | None, *, status: int = 200) -> HttpResponse:
        context = {
            "heading": move.label,
            "intro": str(obj),
            "promise": self.promises.get(move.action, ""),
            "facts": self.facts(move.action, obj),
            "form": form,
            "submit_label": move.label,
            "danger": move.tone == "danger",
            "back_url": localised(self.home(obj)),
            "key": str(uuid7()),
        }
        return render(request, "web/action.html", context, status=status)
