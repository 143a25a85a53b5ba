"""Lines that nobody recognised: one officer proposes on a page of its own, another agrees on the next."""

from typing import Any, ClassVar
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse

from marketplace.common.actor import Actor, actor_of
from marketplace.common.errors import Invalid, NotFound
from marketplace.common.money import yuan
from marketplace.common.text import bi
from marketplace.treasury import permissions, selectors
from marketplace.treasury.models import DecisionKind, Direction, LineDecision
from marketplace.treasury.services import decisions
from marketplace.treasury.web.forms import AgreeToCallOffForm, AssignForm, CallOffForm, ExplainForm
from marketplace.treasury.workflow import LINE_DECISION
from marketplace.web.acting import ActionPage, ReasonForm
from marketplace.web.form_pages import form_page


@login_required
def assign(request: HttpRequest, pk: UUID, line_id: UUID) -> HttpResponse:
    """Propose whose a waiting line in is, or that it goes back; of a line out, which top-up it took back, or that it is a charge."""
    actor = actor_of(request)
    permissions.require_finance_officer(actor)
    line = selectors.statement(pk).lines.filter(pk=line_id).first()
    if line is None:
        raise NotFound
    outgoing = line.direction == Direction.OUT
    amount = f"{'−' if outgoing else '+'}¥{yuan(line.fen)}"

    def explain(fields: dict[str, Any]) -> str:
        decisions.propose_outgoing(actor=actor, line_id=line_id, top_up=fields["top_up"])
        messages.success(request, bi("已提出，等另一位财务员复核。", "Proposed: another finance officer has to agree."))
        return f"/bank-statements/{pk}/"

    def save(fields: dict[str, Any]) -> str:
        organisation_id = None
        if fields["kind"] == DecisionKind.WALLET:
            organisation_id = selectors.organisation_by_credit_code(fields["credit_code"])
            if organisation_id is None:
                text = bi("没有这个统一社会信用代码的单位。", "No organisation has this credit code.")
                raise Invalid(text, fields={"credit_code": [text]})
        decisions.propose(actor=actor, line_id=line_id, organisation_id=organisation_id)
        messages.success(request, bi("已提出，等另一位财务员复核。", "Proposed: another finance officer has to agree."))
        return f"/bank-statements/{pk}/"

    return form_page(
        request,
        ExplainForm(request.POST or None) if outgoing else AssignForm(request.POST or None),
        explain if outgoing else save,
        heading=bi("处理明细", "Say what a line is"),
        back=f"/bank-statements/{pk}/",
        intro=" · ".join(filter(None, (line.bank_line_id, amount, f"{line.payer_name} {line.payer_account}".strip(), line.reference))),
        submit=bi("提出", "Propose"),
    )


class DecisionAction(ActionPage):
    """Agree to what another officer proposed, or refuse it."""

    machine = LINE_DECISION
    forms: ClassVar = {"refuse": ReasonForm, "report_refusal": ReasonForm, "ask_call_off": CallOffForm, "call_off": AgreeToCallOffForm}
    promises: ClassVar = {
        "book": bi("同意后即按所提记账。", "The line is booked as it was proposed."),
        "give_back": bi(
            "同意后进入待付，随下一个付款文件退回付款方。", "The amount waits for the next payment order, which returns it to the sender."
        ),
        "report_refusal": bi("另一位财务员确认后才记为拒付。", "It counts as refused once another officer agrees."),
        "bank_error": bi(
            "款项留在途中，另一位财务员可再次退回。", "The money stays on its way: another finance officer may have it returned again."
        ),
        "ask_call_off": bi("另一位财务员同意后才记入该单位钱包。", "It is booked to that wallet once another officer agrees."),
        "call_off": bi("不再退回，款项记入该单位钱包。", "Nothing is returned: the money is booked to that organisation's wallet."),
        "send_again": bi("将以新的附言进入下一个付款文件。", "It goes into the next payment order under a new reference."),
    }

    def data(self, action: str, cleaned: dict[str, Any], obj: Any, actor: Actor) -> dict[str, Any]:
        return {"organisation_id": selectors.organisation_by_credit_code(cleaned["credit_code"])} if action == "ask_call_off" else cleaned

    def form_kwargs(self, action: str, obj: Any, actor: Actor) -> dict[str, Any]:
        return {"initial": {"organisation_id": obj.call_off_to_id}} if action == "call_off" else {}

    def facts(self, action: str, obj: Any) -> list[dict[str, Any]]:
        """What the officer decides about: the line, its amount, who sent it, and whose wallet or which top-up was named."""
        line, wallet = obj.line, obj.call_off_to if action == "call_off" else obj.organisation
        rows = [
            {"label": bi("明细", "Line"), "value": line.bank_line_id},
            {"label": bi("金额", "Amount"), "value": f"{'−' if line.direction == Direction.OUT else '+'}¥{yuan(line.fen)}"},
            {"label": bi("付款方", "Payer"), "value": f"{line.payer_name} {line.payer_account}".strip() or "—"},
        ]
        if wallet is not None:
            rows.append({"label": bi("记入钱包", "To the wallet of"), "value": wallet.name, "note": wallet.uscc})
        if obj.top_up is not None:
            rows.append({"label": bi("撤回的来款", "Top-up taken back"), "value": obj.top_up.bank_line_id, "note": obj.top_up.payer_name})
        return rows

    def find(self, actor: Actor, pk: str) -> LineDecision:
        permissions.require_reader_of_statements(actor)
        return selectors.decision(pk)

    def home(self, obj: Any) -> str:
        return f"/bank-statements/{obj.line.statement_id}/"
