"""The running sequencer places intents as they come, and signs once a second at most."""

from itertools import zip_longest
from types import SimpleNamespace

from django.db import OperationalError

from ledger.app.management.commands import ledger_sequence


class Second:
    """Turns of 0.4 seconds by a clock that stands still between them; set after so many."""

    def __init__(self, turns):
        self.now, self.left = 0.0, turns

    def is_set(self):
        return self.left == 0

    def wait(self, _pause):
        self.left -= 1
        self.now = round(self.now + 0.4, 1)


class Log:
    """How many entries there are, and how many of them are signed."""

    height = signed = 0

    def grow(self, count):
        self.height += count
        return count

    def outgrown(self):
        return self.height > self.signed

    def sign(self):
        self.signed = self.height


def run(monkeypatch, moved, rivals=()):
    """Place so many entries in each turn, and so many by a rival who signs none; return when the log was signed, and when askers woke."""
    log, stop, signed, woken = Log(), Second(len(moved)), [], []
    turns = zip_longest(moved, rivals, fillvalue=0)

    def place():
        own, others = next(turns)
        if isinstance(own, Exception):
            raise own
        log.grow(others)
        return log.grow(own)

    monkeypatch.setattr(ledger_sequence, "sequence_batch", place)
    monkeypatch.setattr(ledger_sequence, "outgrown", log.outgrown)
    monkeypatch.setattr(ledger_sequence, "publish_checkpoint", lambda: (log.sign(), signed.append(stop.now)))
    monkeypatch.setattr(ledger_sequence, "time", SimpleNamespace(monotonic=lambda: stop.now))
    ledger_sequence.Command()._go_on(stop, SimpleNamespace(wake=lambda: woken.append(stop.now)))
    return signed, woken


def test_under_load_the_log_is_signed_at_once_then_once_a_second_and_when_it_stops(monkeypatch):
    assert run(monkeypatch, [5] * 8) == ([0.0, 1.2, 2.4, 3.2], [0.0, 1.2, 2.4])


def test_what_came_last_is_signed_although_nothing_follows_it(monkeypatch):
    signed, woken = run(monkeypatch, [0, 5, 1, 0, 0, 0])
    assert woken == [0.4, 1.6]
    assert signed == [0.4, 1.6, 2.4]


def test_a_server_that_comes_back_is_held_against_the_last_signature_although_nothing_came(monkeypatch):
    assert run(monkeypatch, [0, OperationalError("the server is away"), 0, 0]) == ([0.8, 1.6], [0.8])


def test_what_a_rival_placed_and_never_signed_is_signed_by_who_survives_it(monkeypatch):
    assert run(monkeypatch, [0] * 6, rivals=[0, 5, 0, 1]) == ([0.4, 1.6, 2.4], [0.4, 1.6])
