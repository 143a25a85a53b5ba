"""Debts are collected one by one: what hinders one organisation's hinders no other's."""

from types import SimpleNamespace
from unittest.mock import Mock

from marketplace.common.ids import uuid7
from marketplace.treasury import debt_reads
from marketplace.treasury.services import debts


def test_a_debt_that_cannot_be_collected_does_not_stop_the_next(monkeypatch) -> None:
    monkeypatch.setattr(debt_reads, "debts", lambda: [SimpleNamespace(owner_id=uuid7()) for _ in range(3)])
    monkeypatch.setattr(debts, "_collect_from", Mock(side_effect=[True, ValueError, True]))
    assert debts.collect() == 2
