"""What keeps two at once apart, by name, and how a twin takes it away to show what happens then."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import Any
from uuid import UUID

import pytest
from django.db import connections

from tests.factories.racing import replaced

FIND_CONSTRAINT = "SELECT conrelid::regclass::text, pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = %s"
# A foreign key leans on the index of what it refers to, and goes and returns with it.
FIND_LEANING = """
    SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
    WHERE contype = 'f' AND conindid = (SELECT conindid FROM pg_constraint WHERE conname = %s AND contype IN ('p', 'u'))
"""
FIND_INDEX = "SELECT pg_get_indexdef(%s::regclass)"


@contextmanager
def without_lock(*names: str) -> Iterator[None]:
    """Take the named locks away and put them back; `LOCKS` says what each is."""
    with ExitStack() as stack:
        for name in names:
            stack.enter_context(LOCKS[name]())
        yield


@contextmanager
def without_constraint(*names: str) -> Iterator[None]:
    """Drop constraints or unique indexes of these names, in this order; afterwards empty all tables and put them back."""
    undo: list[str] = []
    for name in names:
        found = _ask(FIND_CONSTRAINT, name)
        if found:
            table, definition = found[0]
            for leaning, key, said in [*_ask(FIND_LEANING, name), (table, name, definition)]:
                _tell(f'ALTER TABLE {leaning} DROP CONSTRAINT "{key}"')
                undo.append(f'ALTER TABLE {leaning} ADD CONSTRAINT "{key}" {said}')
        else:
            undo.append(_ask(FIND_INDEX, name)[0][0])
            _tell(f'DROP INDEX "{name}"')
    try:
        yield
    finally:
        _tell("SELECT testing.flush()")
        for sentence in reversed(undo):
            _tell(sentence)


def _plain_reads() -> AbstractContextManager[None]:
    return replaced("marketplace.workflow.performing.lock_row", lambda lock: lambda obj: type(obj)._base_manager.get(pk=obj.pk))


@contextmanager
def _no_parents(machine: str, action: str) -> Iterator[None]:
    """The rows to be locked before the object itself are not."""
    from marketplace.workflow import registry

    with pytest.MonkeyPatch.context() as patch:
        patch.delitem(registry.named(machine).locks, action)
        yield


def _unlocked_head() -> AbstractContextManager[None]:
    from ledger.app import models
    from ledger.app.services.sequencing import SEQUENCER

    return replaced("ledger.app.services.sequencing.lock_head", lambda lock: models.Head.objects.using(SEQUENCER).get)


@contextmanager
def _without_phrase(phrase: str, instead: str, *functions: str) -> Iterator[None]:
    """The same functions of the database, with a phrase replaced."""
    bodies = [str(_ask("SELECT pg_get_functiondef(%s::regproc)", name)[0][0]) for name in functions]
    assert all(phrase in body for body in bodies)
    for body in bodies:
        _tell(body.replace(phrase, instead))
    try:
        yield
    finally:
        for body in bodies:
            _tell(body)


LOCKS: dict[str, Callable[[], AbstractContextManager[None]]] = {
    # `perform` and its like read the row FOR NO KEY UPDATE, so that the next one sees what this one did.
    "the row": _plain_reads,
    # A pledge's confirmation locks the campaign first, so that none gets in while it closes.
    "the campaign of a pledge": lambda: _no_parents("pledge", "confirm"),
    # What a pool adds is reckoned under its row's lock, one pledge after the other.
    "the pool": lambda: replaced("marketplace.funding.services.matching.locked", lambda lock: _read_pools),
    # Both triggers lock the person, so that office and membership exclude each other.
    "the person": lambda: _without_phrase(
        "PERFORM 1 FROM accounts_person WHERE id = NEW.person_id FOR NO KEY UPDATE;",
        "",
        "accounts_membership_excludes_office",
        "accounts_office_excludes_membership",
    ),
    # A transfer asks what is in a purse under its lock, and not of the purse as it was seen before.
    "both accounts": lambda: _without_phrase(
        "posted_in - posted_out - pending_out >= NEW.fen",
        "(SELECT a.posted_in - a.posted_out - a.pending_out FROM treasury_account a WHERE a.id = NEW.source_id) >= NEW.fen",
        "treasury_apply_transfer",
    ),
    # Whoever locks several purses locks them in the order of their ids, so that nobody waits in a circle.
    "the order of accounts": lambda: _without_phrase(
        "ORDER BY id FOR NO KEY UPDATE", "ORDER BY random() FOR NO KEY UPDATE", "treasury_lock"
    ),
    # Files of one kind and organisation go in by turns.
    "the file's turn": lambda: replaced("marketplace.catalogue.importing.batches.take_turns", lambda lock: lambda run: None),
    # Sequencers and publishers lock the head row.
    "the log's head": _unlocked_head,
    # One worker at a time is at a bank's file.
    "the bank's file": lambda: replaced(
        "marketplace.treasury.services.importing._locked_unless_somebody_is_at_it", lambda lock: _read_statement_import
    ),
    # Of an Idempotency-Key one request at a time is worked on.
    "the key": lambda: replaced("marketplace.common.idempotency._lock", lambda lock: lambda *names, wait: True),
    # Each version of the table of names builds on the one before.
    "turns at the table of names": lambda: replaced("matching.app.services.naming._take_turns", lambda turn: lambda: None),
    # Writers of a corpus of the matcher take turns.
    "the corpus": lambda: replaced("matching.app.services.indexing._lock", lambda lock: _read_corpus),
    # Whoever deposits in their own name is not erased meanwhile.
    "the depositor": lambda: replaced("marketplace.evidence.services.depositing._hold", lambda hold: lambda person: None),
    # Whoever is being written down as an expert is not erased meanwhile.
    "the expert to be": lambda: replaced("marketplace.catalogue.services.drafting._held_as_member", lambda hold: lambda *asked: True),
    # Experts of a digest are not erased while it is made.
    "the found experts": lambda: replaced("marketplace.interests.services.digesting._still_there", lambda lock: lambda found: found),
    # The digests of one person are made one after the other.
    "one person's searches": lambda: replaced("marketplace.interests.services.digesting._locked", lambda lock: _read_interest),
}


def _read_pools(pools: Any) -> list[Any]:
    from marketplace.funding.models import MatchingPool

    return list(MatchingPool.objects.filter(pk__in=set(pools)).order_by("pk"))


def _read_statement_import(pk: UUID) -> Any:
    from marketplace.treasury.models import StatementImport

    return StatementImport.objects.get(pk=pk)


def _read_corpus(name: str) -> Any:
    from matching.app.models import Corpus

    return Corpus.objects.get(name=name)


def _read_interest(pk: UUID) -> Any:
    from marketplace.interests.models import Interest

    return Interest.objects.select_related("membership__organisation", "membership__person").get(pk=pk)


def _ask(sentence: str, value: str) -> list[tuple[Any, ...]]:
    with connections["owner"].cursor() as cursor:
        cursor.execute(sentence, [value])
        return list(cursor.fetchall())


def _tell(sentence: str) -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute(sentence)
