"""Ledger entries of an object as the pages' strip shows them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from ledger.app import services as ledger
from marketplace.web.navigation import localised
from marketplace.workflow.machine import Machine

SHOWN = 5


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """One line of the strip."""

    seq: int | None
    words: Any
    type: str
    leaf_hash: str | None
    at: datetime
    status: str
    sealed: bool
    href: str


# Words for events that no move records, by the rooms that record them.
_others: dict[str, Any] = {}


def name_events(words: dict[str, Any]) -> None:
    """Let a room name the ledger events that it records besides its moves."""
    _others.update(words)


def words_of(machine: Machine) -> dict[str, Any]:
    """The words for each of a machine's ledger events: the label of the first move that records it."""
    words: dict[str, Any] = {}
    for move in machine.moves:
        if move.ledger:
            words.setdefault(move.ledger, move.label)
    return words


def strip(machine: Machine, pk: UUID, *, sealed_too: bool, newest: int = SHOWN) -> list[LedgerRow]:
    """The newest entries of an object, newest first; sealed ones only for someone who may link them."""
    rows = [row for row in ledger.entries_of(machine.name, pk) if row.public or sealed_too][-newest:]
    return [
        LedgerRow(
            seq=row.seq,
            words=_words(machine, row),
            type=row.type,
            leaf_hash=row.leaf_hash,
            at=row.at,
            status=row.status,
            sealed=not row.public,
            href=localised(f"/ledger/entries/{row.seq}/") if row.seq is not None else "",
        )
        for row in reversed(rows)
    ]


def all_of(machine: Machine, pk: UUID) -> str:
    """The address of all of an object's entries; the page there shows each reader what they may link."""
    return localised(f"/ledger/objects/{machine.name}/{pk}/")


def _words(machine: Machine, row: ledger.EntryRow) -> Any:
    """The label of the very move that the entry records: several moves may share one event."""
    moves = machine.by_action.get(str(row.body.get("action", "")), ())
    exact = next((move.label for move in moves if move.ledger == row.type), None)
    return exact if exact is not None else words_of(machine).get(row.type, _others.get(row.type, ""))
