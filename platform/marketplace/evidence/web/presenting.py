"""How entries, fields and QR codes look on the pages of evidence."""

from typing import Any
from uuid import UUID

import segno
from django.utils.safestring import SafeString, mark_safe

from ledger.app import services as ledger
from marketplace.common.actor import Actor
from marketplace.common.errors import DomainError
from marketplace.evidence.models import Certificate
from marketplace.evidence.services import certifying, wording
from marketplace.evidence.services.certifying import Line, Offer
from marketplace.evidence.sources import source_of
from marketplace.web.ledger_rows import LedgerRow
from marketplace.web.navigation import localised

LONGEST = 160
# Longer ones stand over the whole width.
WIDE = 60


def line(one: Line) -> dict[str, Any]:
    """One entry with its fields as tick boxes."""
    return {
        "seq": one.row.seq,
        "words": one.words,
        "type": one.row.type,
        "at": one.row.at,
        "href": localised(f"/ledger/entries/{one.row.seq}/"),
        "fields": [
            {
                "key": field.key,
                "label": field.label,
                "words": wording.field_words(field.label),
                "value": (shown := _short(field.label, field.value)),
                "wide": len(shown) > WIDE,
            }
            for field in one.fields
        ],
    }


def objects(offered: Offer) -> list[dict[str, Any]]:
    """What can be certified, by the object of which it speaks: the certified one first, without a title, then its parts."""
    return [
        {"title": lines[0].part, "lines": [line(one) for one in lines], "fields": sum(len(one.fields) for one in lines)}
        for lines in offered.objects.values()
    ]


def covered(certificate: Certificate, actor: Actor) -> list[dict[str, Any]]:
    """Place and hash of the entries that a certificate covers; what they are only for the side that asked for it."""
    try:
        told = {line.row.id: line for line in certifying.disclosed(actor=actor, certificate=certificate).lines}
    except DomainError:
        told = {}
    return [
        {
            "seq": row.seq,
            "leaf_hash": row.leaf_hash,
            "href": localised(f"/ledger/entries/{row.seq}/"),
            "words": told[row.id].words if row.id in told else "",
            "part": told[row.id].part if row.id in told else "",
        }
        for row in certifying.covered(certificate)
    ]


def strip(kind: str, pk: UUID) -> list[LedgerRow]:
    """An object's entries as the strip shows them, newest first."""
    words = source_of(kind).words()
    return [
        LedgerRow(
            seq=row.seq,
            words=words.get(row.type, row.type),
            type=row.type,
            leaf_hash=row.leaf_hash,
            at=row.at,
            status=row.status,
            sealed=not row.public,
            href=localised(f"/ledger/entries/{row.seq}/") if row.seq is not None else "",
        )
        for row in reversed(ledger.entries_of(kind, pk))
    ]


def qr(address: str) -> SafeString:
    """The QR code of an address as a drawing in the page, without script or style."""
    drawing = segno.make(address, error="m", micro=False).svg_inline(
        border=2, omitsize=True, svgclass="qr", lineclass=None, dark="#17212b", light="#fff"
    )
    # Drawn by the library from an address of ours: numbers and colours alone.
    return mark_safe(drawing)  # noqa: S308


def _short(label: str, value: Any) -> str:
    told = wording.told(label, value, between=" · ")
    return told if len(told) <= LONGEST else f"{told[:LONGEST]}…"
