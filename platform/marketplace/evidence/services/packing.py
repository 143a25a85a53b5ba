"""The evidence file of a certificate: ledger entries and proofs, with the certificate, the parties' keys and the documents beside them."""

import json
from typing import Any
from uuid import UUID

from ledger.app import services as ledger
from ledger.engine.errors import LedgerFault
from marketplace.common.actor import Actor
from marketplace.evidence import errors
from marketplace.evidence.models import Certificate
from marketplace.evidence.services import printing, timestamping
from marketplace.evidence.services.certifying import Offer, disclosed
from marketplace.evidence.sources import PartyLine


def packed(*, actor: Actor, certificate: Certificate) -> bytes:
    """The ZIP that `ledger/verify.py certificate` checks offline. Raises NotFound for whoever did not ask for it, EvidenceNotYet."""
    held = disclosed(actor=actor, certificate=certificate)
    shown = {line.row.id: [field.label for field in line.fields] for line in held.lines}
    parts = [one for one in held.objects if one != (certificate.kind, certificate.object_id)]
    beside = {
        "certificate.json": _text(_summary(certificate, held)),
        "certificate.pdf": printing.printed(certificate, held),
        **{document.path: document.read() for document in held.documents},
        **timestamping.beside([line.row.seq for line in held.lines if line.row.seq is not None]),
    }
    if certificate.particulars and (parties := held.source.particulars(held.obj).parties):
        beside["parties.json"] = _text([_party(party) for party in parties])
    try:
        return ledger.evidence(certificate.kind, certificate.object_id, parts=parts, shown=shown, beside=beside)
    except LedgerFault as early:
        raise errors.EvidenceNotYet from early


def printed(*, actor: Actor, certificate: Certificate) -> bytes:
    """The certificate as a PDF by itself; the same refusals."""
    return printing.printed(certificate, disclosed(actor=actor, certificate=certificate))


def _summary(certificate: Certificate, held: Offer) -> dict[str, Any]:
    hidden = held.hidden

    def shown(object_id: UUID) -> str | None:
        return None if str(object_id) in hidden else str(object_id)

    return {
        "number": certificate.number,
        "kind": certificate.kind,
        "object": shown(certificate.object_id),
        "issued_at": certificate.issued_at.isoformat(),
        "public_page": printing.public_page(certificate),
        "entries": [line.row.seq for line in held.lines],
        "objects": [
            {
                "kind": kind,
                "object": shown(object_id),
                "title": str(lines[0].part or held.heading),
                "entries": [line.row.seq for line in lines],
            }
            for (kind, object_id), lines in held.objects.items()
        ],
        "withheld": certificate.withheld,
        "documents": {document.path: document.name for document in held.documents},
    }


def _party(party: PartyLine) -> dict[str, str]:
    return {
        "role": str(party.role),
        "name": party.name,
        "credit_code": party.credit_code,
        "public_key": party.public_key,
        "custody": str(party.custody),
        "signature": party.signature,
        "signed_at": party.signed_at,
    }


def _text(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=2).encode() + b"\n"
