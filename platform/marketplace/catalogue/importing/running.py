"""Bring one file in: check it as a whole, then its rows in transactions of 500, going on after a break where it stopped."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import structlog
from django.db import connection, transaction

from ledger.engine import merkle
from marketplace.accounts.models import Membership
from marketplace.catalogue.importing import adapters, batches, limits, readers
from marketplace.catalogue.importing.adapters import Adapter
from marketplace.catalogue.importing.faults import FileFault, RowFault, both
from marketplace.catalogue.models import ImportPhase, ImportRun
from marketplace.common import clock, files
from marketplace.common.actor import Actor
from marketplace.common.errors import DomainError
from marketplace.workflow.bulk import BATCH_ROWS, record_batch

log = structlog.get_logger(__name__)

LOCK_SPACE = 0x696D7031
MOST_ATTEMPTS = 5


def run_import(run_id: UUID) -> None:
    """Work on a file until it has ended; a second call, or a second worker, changes nothing.

    Whatever goes wrong with the file ends the run with a reason; whatever goes wrong with the machine leaves the run as
    far as it is, to be taken up again (up to five times without getting any further).
    """
    with _alone(run_id) as mine:
        run = ImportRun.objects.select_related("organisation", "file").filter(pk=run_id).first() if mine else None
        if run is None or run.has_ended:
            return
        _count_attempt(run)
        try:
            if run.attempts > MOST_ATTEMPTS:
                raise FileFault("多次中断，已停止导入。请重新上传。", "It broke off too often and was stopped: send the file again.")
            _work(run)
        except FileFault as fault:
            _fail(run, fault.zh, fault.en)
        except DomainError as refusal:
            _fail(run, *both(refusal.detail))


def _work(run: ImportRun) -> None:
    kind = adapters.named(run.kind)
    if kind is None:
        raise FileFault("此类文件不能导入。", "Files of this kind cannot be imported.")
    actor = _actor_of(run)
    if run.phase in (ImportPhase.UPLOADED, ImportPhase.CHECKING):
        _check(run, kind)
    adapter = kind(actor=actor, organisation=run.organisation)
    _bring_in(run, adapter)
    _finish(run, adapter, actor)


@contextmanager
def _alone(run_id: UUID) -> Iterator[bool]:
    """Whether this process is the only one at work on the run; the lock falls with its connection."""
    key = [LOCK_SPACE, int.from_bytes(run_id.bytes[-4:], "big", signed=True)]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", key)
        (mine,) = cursor.fetchone()
    try:
        yield bool(mine)
    finally:
        if mine:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", key)


def _count_attempt(run: ImportRun) -> None:
    run.attempts += 1
    run.touched_at = clock.now()
    run.save(update_fields=["attempts", "touched_at"])


def _actor_of(run: ImportRun) -> Actor:
    """The person who sent the file, with the rights that they have now."""
    membership = Membership.objects.filter(person_id=run.person_id, organisation_id=run.organisation_id).first()
    if membership is None:
        raise FileFault("上传者已不是本单位成员。", "Whoever sent the file is no longer a member of the organisation.")
    return Actor(
        person_id=run.person_id,
        organisation_id=run.organisation_id,
        organisation_kind=run.organisation.kind,
        verified=run.organisation.is_verified,
        roles=frozenset(membership.roles),
    )


@contextmanager
def _rows(run: ImportRun, adapter: type[Adapter[Any]]) -> Iterator[readers.Rows]:
    with files.open_file(run.file) as stream:
        yield readers.read(run.file.name, stream, adapter)


def _check(run: ImportRun, kind: type[Adapter[Any]]) -> None:
    """Read the whole file once: a fault of the file as a whole shows before its first row is in."""
    ImportRun.objects.filter(pk=run.pk).update(phase=ImportPhase.CHECKING)
    most, total = limits.file_rows(), 0
    with _rows(run, kind) as rows:
        for _ in rows:
            total += 1
            if total > most:
                raise FileFault(f"超过 {most:,} 行，请拆分后分次上传。", f"More than {most:,} rows: split the file.")
    if total == 0:
        raise FileFault("文件中没有数据行。", "The file has no rows.")
    run.phase, run.total, run.touched_at = ImportPhase.IMPORTING, total, clock.now()
    run.save(update_fields=["phase", "total", "touched_at"])


def _bring_in(run: ImportRun, adapter: Adapter[Any]) -> None:
    """All rows behind those that are in already, 500 at a time."""
    handled, seen = run.handled, set[int]()
    with _rows(run, type(adapter)) as rows:
        batch: list[batches.Parsed] = []
        for number, raw in enumerate(rows):
            parsed = _parsed(raw, adapter, seen)
            if number < handled:
                continue
            batch.append(parsed)
            if len(batch) == BATCH_ROWS:
                batches.save_batch(run, adapter, batch)
                batch = []
        if batch:
            batches.save_batch(run, adapter, batch)


def _parsed(raw: Any, adapter: Adapter[Any], seen: set[int]) -> batches.Parsed:
    """The row as an object, or its fault. Of the references seen only 64-bit hashes are kept."""
    if isinstance(raw, tuple):
        return batches.Parsed(raw[0], fault=raw[1])
    try:
        obj = adapter.parse(raw)
    except RowFault as fault:
        # Anew: the one that was raised holds on to the row by its traceback, and a batch waits with up to 500 of them.
        return batches.Parsed(raw.line, fault=RowFault(fault.field, fault.zh, fault.en))
    mark = hash(adapter.key(obj))
    if mark in seen:
        return batches.Parsed(raw.line, fault=RowFault("ref", "此编号在文件中重复。", "This reference stands twice in the file."))
    seen.add(mark)
    return batches.Parsed(raw.line, obj=obj)


def _finish(run: ImportRun, adapter: Adapter[Any], actor: Actor) -> None:
    """The end, with the file's one ledger entry if the file has changed anything."""
    with transaction.atomic():
        now = clock.now()
        root = merkle.CompactRange(size=run.tree.get("size", 0), peaks=[bytes.fromhex(p) for p in run.tree.get("peaks", [])]).root().hex()
        run.phase, run.root, run.finished_at, run.touched_at = ImportPhase.DONE, root, now, now
        run.save(update_fields=["phase", "root", "finished_at", "touched_at"])
        if run.created or run.updated:
            record_batch(
                id=run.pk,
                type=adapter.ledger_type,
                kind="import",
                actor=actor,
                body={"rows": run.handled - run.bad, "created": run.created, "updated": run.updated, "root": root},
                private={"file": run.file.sha256, "person": str(run.person_id)},
            )
    log.info("import_done", run=str(run.pk), created=run.created, updated=run.updated, unchanged=run.unchanged, bad=run.bad)


def _fail(run: ImportRun, zh: str, en: str) -> None:
    now = clock.now()
    ImportRun.objects.filter(pk=run.pk).update(phase=ImportPhase.FAILED, failure_zh=zh, failure_en=en, finished_at=now, touched_at=now)
    log.info("import_failed", run=str(run.pk), why=en)
