"""Ten kinds of tampering, each many times at random places of a long log: every one is found by the stranger's verifier.

They are tried on the lines of an export, where nothing but the signature stands between a forger and a good verdict; on served tiles
too, for a smaller log, in test_ledger_tampering.py. How the verifier is asked so often, and why that is sound, stands in
tests/factories/tampering.py.
"""

import random

import pytest

from ledger.engine import canonical, merkle
from ledger.engine.checkpoint import Checkpoint
from ledger.engine.notes import Signer
from tests.factories.ledger import ORIGIN, chain
from tests.factories.tampering import Followed, drop, duplicate, given, insert, remembering, replace, swap, truncate, verdict

SIGNER, FORGER = Signer(ORIGIN, bytes(range(32))), Signer(ORIGIN, bytes(range(1, 33)))
KEY = SIGNER.verifier.vkey
TAMPERED = 1

pytestmark = [pytest.mark.prove, pytest.mark.slow]


class LongLog:
    """An honest log with its leaf hashes, and what a forger makes of it."""

    def __init__(self, count):
        self.entries = chain(count)
        self.ranges = [merkle.CompactRange()]
        for raw in self.entries:
            after = merkle.CompactRange(self.ranges[-1].size, list(self.ranges[-1].peaks))
            after.append(merkle.leaf_hash(raw))
            self.ranges.append(after)
        self.note = self.signed(count)
        self.followed = Followed(self.entries, self.note, KEY)

    def signed(self, size, signer=SIGNER):
        """The checkpoint of the first entries of the honest log."""
        return Checkpoint(ORIGIN, size, self.ranges[size].root()).sign(signer)

    def rewritten(self, at, chance, signer=SIGNER):
        """The log with another entry at this place, all later links, hashes and the root made anew; and its checkpoint."""
        entries, tree = self.entries[:at], merkle.CompactRange(at, list(self.ranges[at].peaks))
        prev = merkle.leaf_hash(self.entries[at - 1]).hex().encode() if at else b"0" * 64
        forged = canonical.encode(canonical.decode(self.entries[at]) | {"body": {"forged": chance.random().hex()}})
        for raw in [forged, *self.entries[at + 1 :]]:
            # Fixed width, so that the link is changed in place: what a forger in a hurry does.
            place = raw.index(b',"prev":"') + 9
            entries.append(raw[:place] + prev + raw[place + 64 :])
            leaf = merkle.leaf_hash(entries[-1])
            tree.append(leaf)
            prev = leaf.hex().encode()
        return entries, Checkpoint(ORIGIN, len(entries), tree.root()).sign(signer)


@pytest.fixture(scope="module")
def log(at_size):
    return LongLog(at_size(300, 10_000))


@pytest.fixture(scope="module")
def times(at_size):
    return at_size(25, 1_000)


@pytest.fixture(scope="module", autouse=True)
def _remembering():
    with remembering():
        yield


def places(log, times, seed, *, margin=1):
    chance = random.Random(seed)
    return [(chance.randrange(1, len(log.entries) - margin), chance) for _ in range(times)]


def late_places(log, times, seed):
    """One place in ten anywhere, the others in the last tenth: whoever rewrites a log makes all that follows anew, and so does the test."""
    chance, count = random.Random(seed), len(log.entries)
    return [(chance.randrange(count - count // 10 if number % 10 else 1, count - 1), chance) for number in range(times)]


def test_the_honest_log_is_sound_from_wherever_it_is_followed(log, times, seed):
    for at, _ in places(log, min(times, 50), seed):
        assert log.followed.ask(log.entries, log.note, same=at) == (0, None)


def test_a_turned_bit(log, times, seed):
    for at, chance in places(log, times, seed, margin=2):
        start = log.followed.start(at)
        lines = bytearray(b"".join(raw + b"\n" for raw in [*log.entries[start:], canonical.encode({"checkpoint": log.note})]))
        before = sum(len(raw) + 1 for raw in log.entries[start:at])
        lines[before + chance.randrange(len(log.entries[at]) + 1)] ^= 1 << chance.randrange(8)
        assert log.followed.ask_lines(bytes(lines), log.note, same=at) == (TAMPERED, at)


@pytest.mark.parametrize(
    ("damage", "shift"),
    [(swap, 0), (drop, 0), (duplicate, 1), (insert, 0), (truncate, 0), (replace, 0)],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_damage_to_the_row_of_entries(damage, shift, log, times, seed):
    for at, chance in places(log, times, seed, margin=2):
        damaged = list(log.entries)
        damage(damaged, at, chance)
        assert log.followed.ask(damaged, log.note, same=at) == (TAMPERED, at + shift), at


def test_a_rewrite_with_every_later_hash_made_anew(log, times, seed):
    last = len(log.entries) - 1
    for at, chance in late_places(log, times, seed):
        entries, _ = log.rewritten(at, chance)
        # Under the honest checkpoint no single entry can be named: the signed root vouches for none of those after it.
        assert log.followed.ask(entries, log.note, same=at) == (TAMPERED, last)


def test_a_fork_that_the_log_itself_signed_is_found_by_the_client_who_saw_the_other(log, times, seed, tmp_path):
    kept = tmp_path / "kept"
    for at, chance in late_places(log, times, seed):
        entries, note = log.rewritten(at, chance)
        kept.write_text(log.signed(chance.randrange(at + 1, len(entries) + 1)))
        assert log.followed.ask(entries, note, same=at, seen=kept) == (TAMPERED, None)
        if at % 20 == 0:
            # Before the fork both saw the same, and without a checkpoint of one's own nothing can be told.
            kept.write_text(log.signed(at))
            assert log.followed.ask(entries, note, same=at, seen=kept) == (0, None)
            assert log.followed.ask(entries, note, same=at) == (0, None)


def test_an_old_checkpoint_is_found_by_the_client_who_kept_a_newer_one(log, times, seed, tmp_path):
    kept = tmp_path / "kept"
    for at, chance in places(log, times, seed, margin=2):
        kept.write_text(log.signed(chance.randrange(at + 1, len(log.entries))))
        old = log.signed(at)
        assert log.followed.ask(log.entries[:at], old, same=max(0, at - 2), seen=kept) == (TAMPERED, at)
        assert log.followed.ask(log.entries[:at], old, same=max(0, at - 2)) == (0, None)


def test_another_key(log, times, seed):
    for at, chance in late_places(log, times, seed):
        entries, note = log.rewritten(at, chance, signer=FORGER)
        assert log.followed.ask(entries, note, same=at) == (TAMPERED, None)
        honest = log.note.partition("\n\n")[0] + "\n"
        assert log.followed.ask(log.entries, FORGER.sign(honest), same=len(log.entries) - 2) == (TAMPERED, None)


def test_what_is_asked_from_a_later_place_is_answered_as_from_the_first(log, seed, times):
    """The shortcut against the long way, on a sample of everything above."""
    for at, chance in places(log, min(times, 20), seed, margin=2):
        for damage in (swap, drop, duplicate, insert, truncate, replace):
            damaged = list(log.entries)
            damage(damaged, at, chance)
            assert log.followed.ask(damaged, log.note, same=at) == log.followed.ask(damaged, log.note, same=0)
        entries, note = log.rewritten(at, chance)
        assert log.followed.ask(entries, note, same=at) == log.followed.ask(entries, note, same=0) == (0, None)


def test_a_verdict_is_that_of_the_program(log, tmp_path):
    from ledger import verify
    from tests.factories.ledger import write_lines

    damaged = list(log.entries)
    swap(damaged, 7, random.Random(1))
    file = write_lines(tmp_path / "entries.jsonl", damaged, log.note)
    assert verdict(lambda: verify.check_export(str(file), given(KEY))) == (TAMPERED, 7)
    assert verify.main(["export", str(file), "--key", KEY]) == TAMPERED
