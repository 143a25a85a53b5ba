"""Whatever is done to an exported log, the stranger's verifier says so and names the first entry that does not fit."""

import random
import re
import shutil
from bisect import bisect_right
from itertools import accumulate

import pytest

from ledger import verify
from ledger.engine import canonical, entry, merkle, tiles
from ledger.engine.notes import Signer
from tests.factories.damaged_logs import listing
from tests.factories.ledger import ORIGIN, chain, checkpoint, intent, relink, write_lines, write_log
from tests.factories.tampering import (
    drop,
    duplicate,
    given,
    insert,
    remembering,
    replace,
    replace_link,
    replace_origin,
    swap,
    truncate,
    turned,
    verdict,
)

SIGNER = Signer(ORIGIN, bytes(range(32)))
KEY = SIGNER.verifier.vkey
CARRIERS = ["log", "export"]


@pytest.fixture
def say(capsys):
    """Run the verifier and return (exit code, first bad seq or None)."""

    def run(*words, key=KEY):
        code = verify.main([*map(str, words), "--key", key])
        found = re.search(r"first bad seq [^:]*: (\d+)", capsys.readouterr().out)
        return code, int(found[1]) if found else None

    return run


@pytest.fixture
def write(tmp_path):
    """Put entries and a checkpoint where one of the two carriers keeps them."""

    def put(carrier, entries, note):
        if carrier == "export":
            return write_lines(tmp_path / "entries.jsonl", entries, note)
        shutil.rmtree(tmp_path / "log", ignore_errors=True)
        return write_log(tmp_path / "log", entries, note)

    return put


@pytest.fixture(scope="module")
def count():
    return 20


def honest(count):
    entries = chain(count)
    return entries, checkpoint(entries, SIGNER)


@pytest.mark.parametrize("carrier", CARRIERS)
@pytest.mark.parametrize("size", [1, 2, 255, 256, 257, 600])
def test_an_honest_log_of_any_size_is_sound(carrier, size, write, say):
    assert say(carrier, write(carrier, *honest(size))) == (0, None)


def test_an_empty_signed_log_is_sound(write, say):
    assert say("log", write("log", *honest(0))) == (0, None)


def test_full_tiles_in_place_of_partial_ones_are_an_honest_log_that_went_on(write, say):
    entries = chain(512)
    folder = write("log", entries, checkpoint(entries[:290], SIGNER))
    # As the specification lets a log do: the partial tile is gone, only the full one is left.
    for level in (0, "entries"):
        (folder / tiles.tile_path(level, 1, 34)).rename(folder / tiles.tile_path(level, 1))
    above = folder / tiles.tile_path(1, 0, 1)
    above.write_bytes(above.read_bytes()[: merkle.HASH_LENGTH])
    assert say("log", folder) == (0, None)


@pytest.fixture
def ask():
    """Ask the verifier without its command line, which never varies; what it read of an entry's bytes it remembers."""
    words = given(KEY)
    with remembering():
        yield {
            "log": lambda path: verdict(lambda: verify.check_log(str(path), words)),
            "export": lambda path: verdict(lambda: verify.check_export(str(path), words)),
        }


@pytest.mark.prove
@pytest.mark.slow
def test_every_changed_byte_of_a_served_log_is_found_and_the_entry_named(seed, at_size, write, ask):
    entries, note = honest(at_size(20, 300))
    folder = write("log", entries, note)
    (folder / "keys").write_text(listing(("0", KEY)))
    chance = random.Random(seed)
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    assert len(files) == (4 if len(entries) <= 256 else 7)
    for path in files:
        data = path.read_bytes()
        step = at_size(23, 1) if "entries" in str(path) else at_size(5, 1)
        relative = path.relative_to(folder).parts
        ends = []
        if relative[:2] == ("tile", "entries"):
            ends = list(accumulate(len(raw) + 2 for raw in tiles.decode_bundle(data)))
        for place in turned(path, chance, range(chance.randrange(step), len(data), step)):
            code, seq = ask["log"](folder)
            assert code == 1, (path.name, place)
            if relative[:2] == ("tile", "entries"):
                assert seq == 256 * int(relative[2][:3]) + bisect_right(ends, place), (path.name, place)
            elif relative[:2] == ("tile", "0"):
                assert seq == 256 * int(relative[2][:3]) + place // 32
        assert path.read_bytes() == data
    assert ask["log"](folder) == (0, None)


@pytest.mark.prove
@pytest.mark.slow
def test_every_changed_byte_of_an_export_is_found_and_the_entry_named(seed, at_size, write, ask):
    entries, note = honest(at_size(20, 300))
    file = write("export", entries, note)
    data = file.read_bytes()
    ends = list(accumulate(len(raw) + 1 for raw in entries))
    chance = random.Random(seed)
    step = at_size(23, 1)
    for place in turned(file, chance, range(chance.randrange(step), len(data), step)):
        code, seq = ask["export"](file)
        assert code == 1, place
        line = bisect_right(ends, place)
        # The newline before the checkpoint: the last line is then no checkpoint, and the log seems cut there.
        if line < len(entries) - 1:
            assert seq == line, place


@pytest.mark.prove
@pytest.mark.parametrize("carrier", CARRIERS)
@pytest.mark.parametrize(
    ("damage", "shift"),
    [(swap, 0), (drop, 0), (duplicate, 1), (insert, 0), (truncate, 0), (replace, 0), (replace_link, 0), (replace_origin, 0)],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_damage_to_the_row_of_entries_is_found_and_the_first_bad_one_named(  # noqa: PLR0917 - parameters and fixtures
    carrier, damage, shift, seed, at_size, write, say
):
    entries, note = honest(at_size(20, 300))
    chance = random.Random(seed)
    # Which of two entries was put in can be told only while a third one follows: then the honest one is vouched for.
    places = range(1, len(entries) - (2 if damage is insert else 1))
    for at in chance.sample(list(places), at_size(8, 60)):
        damaged = list(entries)
        damage(damaged, at, chance)
        # The tiles are made anew from the damaged entries: the forger is no fool.
        assert say(carrier, write(carrier, damaged, note)) == (1, at + shift), at


@pytest.mark.parametrize("carrier", CARRIERS)
def test_damage_to_the_last_entry_is_named_too(carrier, count, write, say):
    entries, note = honest(count)
    for damage in (drop, replace, replace_link, replace_origin):
        damaged = list(entries)
        damage(damaged, count - 1, random)
        assert say(carrier, write(carrier, damaged, note)) == (1, count - 1), damage.__name__


@pytest.mark.parametrize("carrier", CARRIERS)
def test_a_log_rewritten_from_some_entry_on_with_every_link_and_tile_made_anew_is_found(carrier, count, write, say):
    entries, note = honest(count)
    for at in range(count):
        damaged = list(entries)
        replace(damaged, at, random)
        assert say(carrier, write(carrier, relink(damaged), note))[0] == 1


@pytest.mark.parametrize("carrier", CARRIERS)
def test_a_rewritten_log_signed_with_another_key_is_found(carrier, count, write, say):
    entries = relink([canonical.encode(canonical.decode(raw) | {"body": {}}) for raw in chain(count)])
    forger = Signer.generate(ORIGIN)
    path = write(carrier, entries, checkpoint(entries, forger))
    assert say(carrier, path) == (1, None)
    assert say(carrier, path, key=forger.verifier.vkey) == (0, None)


@pytest.mark.parametrize("carrier", CARRIERS)
def test_a_fork_signed_by_the_log_itself_is_found_by_whoever_kept_an_earlier_checkpoint(carrier, count, write, say, tmp_path):
    entries, note = honest(count)
    kept = tmp_path / "kept"
    forked = list(entries)
    replace(forked, count // 2, random)
    forked = relink([*forked, intentional(count)])
    path = write(carrier, forked, checkpoint(forked, SIGNER))
    assert say(carrier, path)[0] == 0
    kept.write_text(note)
    assert say(carrier, path, "--seen", kept)[0] == 1
    kept.write_text(checkpoint(entries[: count // 2], SIGNER))
    assert say(carrier, path, "--seen", kept)[0] == 0
    kept.write_text(checkpoint(entries[: count // 2 + 1], SIGNER))
    assert say(carrier, path, "--seen", kept)[0] == 1


@pytest.mark.parametrize("carrier", CARRIERS)
def test_two_signed_roots_for_one_size_are_found(carrier, count, write, say, tmp_path):
    entries, note = honest(count)
    (tmp_path / "kept").write_text(note)
    forked = list(entries)
    replace(forked, 3, random)
    forked = relink(forked)
    assert say(carrier, write(carrier, forked, checkpoint(forked, SIGNER)), "--seen", tmp_path / "kept")[0] == 1


@pytest.mark.parametrize("carrier", CARRIERS)
def test_a_log_cut_back_to_an_old_checkpoint_is_found_by_whoever_kept_the_newer(carrier, count, write, say, tmp_path):
    entries, note = honest(count)
    (tmp_path / "kept").write_text(note)
    old = entries[: count - 4]
    path = write(carrier, old, checkpoint(old, SIGNER))
    assert say(carrier, path) == (0, None)
    assert say(carrier, path, "--seen", tmp_path / "kept") == (1, count - 4)


def test_more_entries_than_were_signed_are_found_in_an_export(count, write, say):
    entries, _ = honest(count)
    assert say("export", write("export", entries, checkpoint(entries[:-3], SIGNER))) == (1, count - 3)


def test_missing_tiles_are_found(write, say):
    entries, note = honest(300)
    for path in sorted(write("log", entries, note).rglob("tile/**/*")):
        folder = write("log", entries, note)
        if path.is_file():
            path.unlink()
            assert say("log", folder)[0] == 1, path


def test_a_foreign_log_is_checked_by_tree_and_signature_only(write, say, tmp_path):
    entries = [f"line {number}".encode() for number in range(300)]
    path = write("log", entries, checkpoint(entries, SIGNER))
    assert say("log", path) == (1, 0)
    assert say("log", path, "--opaque") == (0, None)
    entries[7] = b"another"
    assert say("log", write("log", entries, checkpoint(chain(300), SIGNER)), "--opaque")[0] == 1


def intentional(number):
    return entry.assemble(intent(number), log=ORIGIN, seq=number, prev=entry.GENESIS).raw


def test_a_signature_in_another_spelling_or_over_something_else_is_refused(write, say):
    entries, note = honest(2)
    folder = write("log", entries, note)
    text, signature = note.split("\n\n")
    # 68 bytes leave two bits of the last character unused.
    stray = chr(ord(signature[-3]) + 1)
    for changed in (
        text + "\n\n" + signature[:-3] + stray + "=\n",
        SIGNER.sign("a text, but no checkpoint\n"),
        SIGNER.sign(text.replace(ORIGIN, "other.example/log") + "\n"),
        SIGNER.sign(text.replace("\n2\n", "\n02\n") + "\n"),
        note.replace("\n\n", "\n"),
        text + "\n\n",
    ):
        (folder / "checkpoint").write_text(changed)
        assert say("log", folder) == (1, None), changed
    (folder / "checkpoint").write_text(note)
    assert say("log", folder) == (0, None)


def test_what_cannot_be_checked_at_all_is_bad_input(write, say, tmp_path):
    path = write("log", *honest(2))
    (tmp_path / "text").write_text("hello\n")
    assert say("log", tmp_path / "nowhere")[0] == 2
    assert say("log", tmp_path / "text")[0] == 2
    assert say("log", path, key=KEY[:-3] + "AAA")[0] == 2
    assert say("log", path, key="nonsense")[0] == 2
    assert say("proof", tmp_path / "text")[0] == 2
    assert say("certificate", tmp_path / "text")[0] == 2
    assert say("export", tmp_path / "nowhere")[0] == 2
    assert say("log", path, "--seen", tmp_path / "text")[0] == 2
