"""The demonstration's evidence: hashes laid down before disclosure, and certificates of what the ledger says."""

import hashlib
import io

from marketplace.agreements.models import Agreement
from marketplace.common.actor import Actor
from marketplace.desk.services.demo_deals import until
from marketplace.desk.services.demo_people import Cast
from marketplace.evidence.models import Certificate, Deposit
from marketplace.evidence.services import certifying, depositing

DRAWING = "密封端面槽型设计说明（演示）\nGroove design of a seal face (demonstration)\n".encode()
RECORD = "工况数据记录（演示）\nOperating record (demonstration)\n".encode()


def deposit(cast: Cast) -> Deposit:
    """A university lays down the hash of a file that it keeps to itself; a company has its file kept."""
    university, company = cast.parties[cast.of_kind("university")[0]], cast.parties[cast.of_kind("company")[0]]
    depositing.deposit_make(
        actor=company, title="泵站工况数据 2026-10", stream=io.BytesIO(RECORD), name="record.txt", content_type="text/plain", keep=True
    )
    digest = hashlib.sha256(DRAWING).hexdigest()
    return depositing.deposit_make(actor=university, title="密封端面槽型，第三版", sha256=digest, size=len(DRAWING))


def certify(cast: Cast, agreement: Agreement, deposited: Deposit) -> list[Certificate]:
    """The team has its agreement certified whole, and the university its deposit, once all is under a signed checkpoint."""
    team = next(actor for actor in cast.parties.values() if actor.organisation_id == agreement.university_id)
    university = cast.parties[cast.of_kind("university")[0]]
    return [_certified(team, "agreement", agreement), _certified(university, "deposit", deposited)]


def _certified(actor: Actor, kind: str, obj: Agreement | Deposit) -> Certificate:
    until(lambda: not certifying.offer(actor=actor, kind=kind, object_id=obj.pk).waiting, f"the ledger to sign {kind} {obj.pk}")
    return certifying.issue(actor=actor, kind=kind, object_id=obj.pk)
