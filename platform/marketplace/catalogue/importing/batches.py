"""One transaction of rows: objects, faults, counts and the hashes so far go in together or not at all."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from ledger.engine import canonical, merkle
from marketplace.catalogue.importing import limits
from marketplace.catalogue.importing.adapters import Adapter
from marketplace.catalogue.importing.faults import RowFault
from marketplace.catalogue.models import ImportFault, ImportRun
from marketplace.common import clock
from marketplace.common.errors import Conflict
from marketplace.workflow.bulk import perform_many
from marketplace.workflow.models import Stateful


@dataclass(slots=True)
class Parsed:
    """One line: the object it says, or what is wrong with it."""

    line: int
    obj: Any = None
    fault: RowFault | None = None


class ImportOvertaken(Conflict):
    code = "import_overtaken"


def save_batch(run: ImportRun, adapter: Adapter[Any], lines: Sequence[Parsed]) -> None:
    """Bring up to 500 lines in and move the run's counts and tree forward. Raises ImportOvertaken when somebody else did."""
    with transaction.atomic():
        take_turns(run)
        fresh = ImportRun.objects.select_for_update(no_key=True).get(pk=run.pk)
        if fresh.handled != run.handled:
            raise ImportOvertaken
        good = [line for line in lines if line.fault is None]
        stored = {adapter.key(obj): obj for obj in adapter.existing([adapter.key(line.obj) for line in good])}
        new, changed = _sorted_out(good, stored, adapter)
        bad = [line for line in lines if line.fault is not None]
        perform_many(adapter.action, new, adapter.actor)
        _save_changed(changed)
        if new or changed:
            adapter.after_batch([*new, *changed])
        _keep_faults(fresh, bad)
        fresh.tree = _grown(fresh.tree, [adapter.content(line.obj) for line in lines if line.fault is None])
        fresh.handled += len(lines)
        fresh.created += len(new)
        fresh.updated += len(changed)
        fresh.bad += len(bad)
        fresh.unchanged += len(lines) - len(new) - len(changed) - len(bad)
        fresh.touched_at, fresh.attempts = clock.now(), 1
        fresh.save()
    for field in ("tree", "handled", "created", "updated", "unchanged", "bad", "attempts"):
        setattr(run, field, getattr(fresh, field))


def take_turns(run: ImportRun) -> None:
    """Files of one kind and organisation go in batch by batch in turn, so that each sees what the other has brought."""
    number = int.from_bytes(hashlib.sha256(f"{run.kind}\0{run.organisation_id}".encode()).digest()[:8], "big", signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '60s'")  # a batch is worth waiting for: nobody looks at this page
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [number])


def _sorted_out(good: Sequence[Parsed], stored: dict[str, Any], adapter: Adapter[Any]) -> tuple[list[Any], list[Any]]:
    """The objects to insert and those to change; a line that may not change what is stored gets its fault here."""
    new, changed = [], []
    for line in good:
        old = stored.get(adapter.key(line.obj))
        try:
            if old is None:
                new.append(line.obj)
            elif adapter.update(old, line.obj):
                changed.append(old)
        except RowFault as fault:
            line.fault = fault
    return new, changed


def _save_changed(objs: Sequence[Stateful]) -> None:
    """All changed rows in one statement; `bulk_update` would leave the search column behind."""
    if not objs:
        return
    now = clock.now()
    for obj in objs:
        obj.updated_at = now
    model = type(objs[0])
    names = [field.name for field in model._meta.concrete_fields if not field.primary_key]
    model._base_manager.bulk_create(objs, update_conflicts=True, unique_fields=["id"], update_fields=names)


def _keep_faults(run: ImportRun, bad: Sequence[Parsed]) -> None:
    room = max(0, limits.STORED_FAULTS - run.bad)
    ImportFault.objects.bulk_create(
        ImportFault(run=run, line=line.line, field=line.fault.field, reason_zh=line.fault.zh, reason_en=line.fault.en)
        for line in bad[:room]
        if line.fault is not None
    )


def _grown(tree: dict[str, Any], contents: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The compact range with these rows appended: RFC 6962 leaf hashes over each row's canonical JSON."""
    grown = merkle.CompactRange(size=tree.get("size", 0), peaks=[bytes.fromhex(peak) for peak in tree.get("peaks", [])])
    for content in contents:
        grown.append(merkle.leaf_hash(canonical.encode(canonical.normalise(content))))
    return {"size": grown.size, "peaks": [peak.hex() for peak in grown.peaks]}
