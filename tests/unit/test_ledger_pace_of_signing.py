"""The running sequencer places intents as they come, and signs once a second at most."""

from types import SimpleNamespace

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


def run(monkeypatch, moved):
    stop, signed, woken, waiting = Second(len(moved)), [], [], iter(moved)
    monkeypatch.setattr(ledger_sequence, "sequence_batch", lambda: next(waiting))
    monkeypatch.setattr(ledger_sequence, "publish_checkpoint", lambda: signed.append(stop.now))
    monkeypatch.setattr(ledger_sequence, "time", SimpleNamespace(monotonic=lambda: stop.now))
    ledger_sequence.Command()._go_on(stop, SimpleNamespace(wake=lambda: woken.append(stop.now)))
    return signed, woken


def test_under_load_the_log_is_signed_at_once_then_once_a_second_and_when_it_stops(monkeypatch):
    assert run(monkeypatch, [5] * 8) == ([0.0, 1.2, 2.4, 3.2], [0.0, 1.2, 2.4])


def test_what_came_last_is_signed_although_nothing_follows_it(monkeypatch):
    signed, woken = run(monkeypatch, [0, 5, 1, 0, 0, 0])
    assert woken == [0.4, 1.6]
    assert signed == [0.4, 1.6, 2.4]
