"""Statements on their way in: looked at first, booked once an officer confirms, batch by batch, so that a long file shows its progress.

Each batch is one transaction; whatever stops the worker, the next one goes on behind what is committed. What failed too often is stopped,
and goes on from there when an officer says so.
"""

import hashlib
from datetime import timedelta
from typing import Any
from uuid import UUID

from celery import signature
from django.db import transaction

from marketplace.common import clock
from marketplace.common.actor import Actor
from marketplace.common.errors import MissingScope, NotFound
from marketplace.treasury.errors import ForFinanceOnly, ImportOver, MappingChanged
from marketplace.treasury.models import Direction, StatementImport, StatementMapping, StatementPhase
from marketplace.treasury.permissions import require_finance_officer
from marketplace.treasury.services import statements
from marketplace.treasury.services.layouts import digest_of, layout_of
from marketplace.treasury.services.sifting import sift
from marketplace.treasury.services.statement_lines import ReadLine
from marketplace.workflow.performing import lock_row

BATCH = 500
SHOWN = 20
FAULTS = 100
TRIES = 10
KEPT = timedelta(days=1)


def preview(*, actor: Actor, content: bytes, name: str, mapping_id: UUID | None = None) -> StatementImport:
    """Keep a file to be looked at: its first lines, every fault counted and the first listed, and nothing booked.

    Raises ForFinanceOnly, NotFound (no such mapping), StatementUnreadable.
    """
    require_finance_officer(actor)
    if actor.person_id is None:
        raise ForFinanceOnly
    mapping = StatementMapping.objects.filter(pk=mapping_id).first() if mapping_id else None
    if mapping_id and mapping is None:
        raise NotFound
    found, now = sift(content, layout_of(mapping)), clock.now()
    sums = {side: sum(line.fen for line in found.fresh if line.direction == side) for side in Direction}
    return StatementImport.objects.create(
        name=name[-255:],
        content=content,
        sha256=hashlib.sha256(content).hexdigest(),
        mapping=mapping,
        mapping_sha256=digest_of(mapping),
        person=actor.person_id,
        good=len(found.fresh),
        known=found.known,
        bad=len(found.faults),
        in_fen=sums[Direction.IN],
        out_fen=sums[Direction.OUT],
        sample=[_shown(line) for line in found.fresh[:SHOWN]],
        faults=[fault.to_json() for fault in found.faults[:FAULTS]],
        created_at=now,
        touched_at=now,
    )


def start(*, actor: Actor, import_id: UUID) -> StatementImport:
    """Have a worker book a file that was looked at, or go on with one that was stopped; while it runs, and after its end, nothing changes.

    What is committed of a stopped file stays, and the work goes on behind it.
    Raises ForFinanceOnly, MissingScope, NotFound, ImportOver once it was dropped, MappingChanged after the preview.
    """
    with transaction.atomic():
        if actor.person_id is None:
            raise ForFinanceOnly
        run = _locked(actor, import_id)
        if run.phase in (StatementPhase.RUNNING, StatementPhase.DONE):
            return run
        if not can_start(run):
            raise MappingChanged if run.content else ImportOver
        run.phase, run.person, run.touched_at, run.tries = StatementPhase.RUNNING, actor.person_id, clock.now(), 0
        run.save(update_fields=["phase", "person", "touched_at", "tries"])
        transaction.on_commit(lambda: hint(run.pk))
        return run


def can_start(run: StatementImport) -> bool:
    """Whether a worker can book the file, or what is left of it: its lines are taken, or its bytes read as they were shown."""
    if run.phase not in (StatementPhase.PREVIEWED, StatementPhase.FAILED):
        return False
    if run.statement_id is not None:
        return True
    # Whoever reads a list of files has not read their bytes; one that is to be confirmed has them.
    return not _mapping_has_changed(run) and (run.phase == StatementPhase.PREVIEWED or bool(run.content))


def can_drop(run: StatementImport) -> bool:
    """Whether nothing of the file was taken and nobody is at it."""
    return run.statement_id is None and run.phase in (StatementPhase.PREVIEWED, StatementPhase.FAILED)


def drop(*, actor: Actor, import_id: UUID) -> StatementImport:
    """Throw a file away of which no line was taken. Raises ForFinanceOnly, MissingScope, NotFound, ImportOver."""
    with transaction.atomic():
        run = _locked(actor, import_id)
        if run.phase == StatementPhase.DROPPED:
            return run
        if not can_drop(run):
            raise ImportOver
        run.phase, run.content, run.touched_at = StatementPhase.DROPPED, b"", clock.now()
        run.save(update_fields=["phase", "content", "touched_at"])
        return run


def drop_old() -> int:
    """Throw away what was looked at, or failed before a line was taken, a day ago, and that nobody has confirmed since: how many files."""
    phases = (StatementPhase.PREVIEWED, StatementPhase.FAILED)
    old = StatementImport.objects.filter(phase__in=phases, statement=None, touched_at__lt=clock.now() - KEPT)
    return old.update(phase=StatementPhase.DROPPED, content=b"", touched_at=clock.now())


def hint(import_id: UUID) -> None:
    """Tell the workers; where the hint is lost, `treasury.resume_imports` finds the file."""
    signature("treasury.run_import", args=[str(import_id)]).delay()


def work(import_id: UUID) -> None:
    """Bring a confirmed file in, step by step; safe to be called again at any time, and by two at once.

    A step that fails is tried again when the work is taken up again, and TRIES times in a row at most: then the file is stopped, until
    an officer has it go on.
    """
    try:
        while _step(import_id):
            pass
    except Exception:
        _count_failure(import_id)
        raise


def _step(import_id: UUID) -> bool:
    """Take the file, or book its next batch; False when nothing is left to do, or somebody else is at it."""
    with transaction.atomic():
        run = _locked_unless_somebody_is_at_it(import_id)
        if run is None:
            return False
        officer = Actor(person_id=run.person, staff="finance")
        if run.statement_id is None:
            _take(run, officer)
        else:
            _book_next(run, officer)
        if run.statement is not None and run.handled == run.total:
            statements.offer_again(run.statement)
            run.phase = StatementPhase.DONE
        run.touched_at, run.tries = clock.now(), 0
        run.save()
        return run.phase == StatementPhase.RUNNING


def _locked_unless_somebody_is_at_it(import_id: UUID) -> StatementImport | None:
    running = StatementImport.objects.select_for_update(skip_locked=True, no_key=True).filter(phase=StatementPhase.RUNNING)
    return running.defer("content", "sample", "faults").filter(pk=import_id).first()


def _count_failure(import_id: UUID) -> None:
    with transaction.atomic():
        run = lock_row(StatementImport(pk=import_id))
        if run.phase != StatementPhase.RUNNING:
            return
        run.tries += 1
        if run.tries >= TRIES:
            run.phase = StatementPhase.FAILED
        run.save(update_fields=["tries", "phase"])


def _take(run: StatementImport, officer: Actor) -> None:
    if _mapping_has_changed(run):
        run.phase = StatementPhase.FAILED
        return
    run.statement, lines = statements.take(actor=officer, content=bytes(run.content), name=run.name, mapping=run.mapping)
    run.total, run.content = len(lines or ()), b""


def _book_next(run: StatementImport, officer: Actor) -> None:
    assert run.statement is not None
    lines = run.statement.lines.select_for_update(no_key=True).order_by("pk")[run.handled : run.handled + BATCH]
    batch = list(lines)
    statements.book([line for line in batch if line.is_waiting], officer)
    run.handled += len(batch)


def _mapping_has_changed(run: StatementImport) -> bool:
    """What is booked is what was looked at: a mapping that was kept anew since would read the file otherwise."""
    return digest_of(run.mapping) != run.mapping_sha256


def _locked(actor: Actor, import_id: UUID) -> StatementImport:
    require_finance_officer(actor)
    if "money" not in actor.scopes:
        raise MissingScope
    if not StatementImport.objects.filter(pk=import_id).exists():
        raise NotFound
    return lock_row(StatementImport(pk=import_id))


def _shown(line: ReadLine) -> dict[str, Any]:
    return {
        "number": line.number,
        "bank_line_id": line.bank_line_id,
        "booked_at": line.booked_at.isoformat(),
        "direction": line.direction.value,
        "fen": line.fen,
        "payer_name": line.payer_name,
        "payer_account": line.payer_account,
        "reference": line.reference,
    }
