"""Certificates and deposits for tests, on a log that is sequenced and signed."""

from collections.abc import Iterator
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from reportlab.platypus import KeepTogether, Paragraph, Table

from ledger.app import services as ledger
from ledger.app import signing
from marketplace.accounts.models import Organisation
from marketplace.agreements.models import Agreement
from marketplace.common import clock
from marketplace.common.actor import Actor
from marketplace.evidence.models import Certificate, Deposit
from marketplace.evidence.services import certifying, depositing, packing, paper
from tests.factories import accounts


def sign_with(settings: Any, folder: Path) -> str:
    """Let this test sign the log with a fresh key, and return its vkey."""
    settings.LEDGER_KEY_FILE, settings.LEDGER_LAST_CHECKPOINT_FILE = str(folder / "key"), ""
    return signing.make_key(folder / "key", origin=settings.LEDGER_ORIGIN).verifier.vkey


def seal() -> None:
    """Put in order and sign all that has been recorded."""
    while ledger.sequence_batch():
        pass
    ledger.publish_checkpoint()


def deposit(owner: Organisation, content: bytes = b"an idea", *, title: str = "电解液配方", keep: bool = False) -> Deposit:
    """The owner's first person deposits a file."""
    actor = accounts.actor_for(owner)
    return depositing.deposit_make(actor=actor, title=title, stream=BytesIO(content), name="idea.txt", content_type="text/plain", keep=keep)


def certificate(obj: Agreement | Deposit, actor: Actor, **choice: Any) -> Certificate:
    """A certificate of what is on the log of an agreement or a deposit."""
    kind = "deposit" if isinstance(obj, Deposit) else "agreement"
    return certifying.issue(actor=actor, kind=kind, object_id=obj.pk, **choice)


def unsigned_certificate(obj: Deposit, actor: Actor, *, number: str) -> Certificate:
    """A certificate of a deposit on a log that nobody signs, so that it covers nothing."""
    return Certificate.objects.create(
        number=number,
        kind="deposit",
        object_id=obj.pk,
        organisation=obj.organisation,
        asked_by=actor.person_id,
        asked_as=actor.label,
        issued_at=clock.now(),
        log_size=0,
        shown={},
        withheld=0,
        particulars=True,
        documents=True,
    )


def now() -> datetime:
    """The platform's clock."""
    return clock.now()


def on_paper(monkeypatch: pytest.MonkeyPatch, actor: Actor, certificate: Certificate) -> str:
    """All that stands on the pages of the PDF, as one text."""
    pages: list[Any] = []
    with monkeypatch.context() as patch:
        patch.setattr(paper, "document", lambda story, **around: pages.extend([*story, *map(Paragraph, around.values())]) or b"")
        packing.printed(actor=actor, certificate=certificate)
    return "\n".join(_words_in(pages))


def _words_in(part: Any) -> Iterator[str]:
    if isinstance(part, Paragraph):
        yield part.text
    elif isinstance(part, KeepTogether):
        yield from _words_in(part._content)
    elif isinstance(part, Table):
        yield from _words_in(part._cellvalues)
    elif isinstance(part, list | tuple):
        for one in part:
            yield from _words_in(one)
