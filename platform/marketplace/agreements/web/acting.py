"""The moves of agreements and milestones as pages."""

from decimal import Decimal
from typing import Any, ClassVar

from marketplace.agreements import selectors
from marketplace.agreements.models import Agreement, Milestone
from marketplace.agreements.services import signing
from marketplace.agreements.web.forms import SHARES, DeliverForm, NoteForm, TerminateForm, TermsForm
from marketplace.agreements.workflow import AGREEMENT, MILESTONE
from marketplace.common import files
from marketplace.common.actor import Actor
from marketplace.common.errors import NotFound
from marketplace.common.text import bi
from marketplace.web.acting import ActionPage, ReasonForm


class AgreementAction(ActionPage):
    """Freeze, sign, fund, terminate."""

    machine = AGREEMENT
    forms: ClassVar = {"revise": TermsForm, "reopen": ReasonForm, "abandon": ReasonForm, "terminate": TerminateForm}
    promises: ClassVar = {
        "revise": bi("每次修改生成新版本，其哈希记入账本。", "Each change is a new version; its hash goes on the ledger."),
        "sign": bi(
            "各方签署同一份文本；签名连同公钥记入公开账本。",
            "Every party signs the same text; the signature and public key go on the public ledger.",
        ),
        "conditions_met": bi(
            "企业份额与募资款一次性转入托管，验收通过才划付。",
            "The company's share and the campaign move into escrow at once; money moves on only by acceptance.",
        ),
    }

    def find(self, actor: Actor, pk: str) -> Agreement:
        return selectors.agreement_for(actor, pk)

    def home(self, obj: Any) -> str:
        return f"/agreements/{obj.pk}/"

    def form_kwargs(self, action: str, obj: Any, actor: Actor) -> dict[str, Any]:
        if action != "revise":
            return {}
        shares = {name: Decimal(getattr(obj, name)) / 10_000 for name in SHARES}
        same = {name: getattr(obj, name) for name in ("contract_type", "terms_zh", "costs_cap_fen", "region_body", "reward_agreed")}
        return {"initial": {**same, **shares, "funders_cap_bp": Decimal(obj.funders_cap_bp) / 100}}

    def data(self, action: str, cleaned: dict[str, Any], obj: Any, actor: Actor) -> dict[str, Any]:
        return {"terms": cleaned} if action == "revise" else cleaned

    def performed(self, action: str, changed: Any) -> None:
        if action == "sign":
            signing.conclude_if_all_signed(changed)


class MilestoneAction(ActionPage):
    """Deliver, accept, ask for a revision."""

    machine = MILESTONE
    forms: ClassVar = {"submit": DeliverForm, "accept": NoteForm, "request_revision": ReasonForm}
    promises: ClassVar = {
        "accept": bi(
            "验收即放款：该里程碑款项扣除服务费后转为应付团队，拨付须两人审批。",
            "Acceptance releases the money, less the fee; the payout needs two approvers.",
        ),
    }

    def find(self, actor: Actor, pk: str) -> Milestone:
        found = selectors.milestones_for(actor).filter(pk=pk).first()
        if found is None:
            raise NotFound
        return found

    def home(self, obj: Any) -> str:
        return f"/agreements/{obj.agreement_id}/"

    def data(self, action: str, cleaned: dict[str, Any], obj: Any, actor: Actor) -> dict[str, Any]:
        if action != "submit" or actor.organisation_id is None:
            return cleaned
        upload = cleaned["file"]
        kind = upload.content_type or "application/octet-stream"
        stored = files.store(owner_id=actor.organisation_id, name=upload.name, stream=upload, content_type=kind, purpose="deliverable")
        return {**cleaned, "file": stored}
