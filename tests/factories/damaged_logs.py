"""A row of questions about damaged logs, exports and proofs. Many were signed by the log itself, so that nothing but one check of the
verifier stands in their way."""

import base64
import random

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger.engine import canonical, merkle, rotation, tiles
from ledger.engine.checkpoint import Checkpoint
from ledger.engine.cosignature import CosigningKey
from ledger.engine.notes import Signer
from tests.factories.ledger import ORIGIN, chain, checkpoint, intent, proof, write_lines, write_log
from tests.factories.tampering import drop, duplicate, insert, replace, replace_link, replace_origin, swap

SIGNER, NEXT, STRANGER = (Signer(ORIGIN, bytes([number]) * 32) for number in range(1, 4))
KEY = SIGNER.verifier.vkey
WITNESSES = "".join(
    f"# witness{whose}\n{CosigningKey(f'{name}.example/w', bytes([number]) * 32).cosigner.vkey}\n"
    for number, (name, whose) in enumerate({"other": "", "our": ", run by this platform itself"}.items(), start=8)
)
COUNT = 40


def relinked(entries, start):
    """Every link from this place on made anew in the bytes, however odd they are."""
    made = list(entries[:start])
    prev = merkle.leaf_hash(made[-1]).hex().encode() if made else b"0" * 64
    for raw in entries[start:]:
        place = raw.index(b',"prev":"') + 9
        made.append(raw[:place] + prev + raw[place + 64 :])
        prev = merkle.leaf_hash(made[-1]).hex().encode()
    return made


def odd_entries():
    """Logs that the log itself signed, links and all, with one entry of another shape or place."""
    honest, at = chain(12), 5
    raw = honest[at]
    title = canonical.decode(raw)["body"]["title"].encode()
    changes = {
        "a float": raw.replace(b'"number":5', b'"number":5.5'),
        "a large integer": raw.replace(b'"number":5', b'"number":9007199254740993'),
        "a key twice": raw.replace(b'"number":5', b'"number":5,"number":5'),
        "a key that is not ASCII": raw.replace(b'"number":5,', b"").replace(title + b'"}', title + '","数":5}'.encode()),
        "keys out of order": raw.replace(b'"number":5,"title":"' + title + b'"', b'"title":"' + title + b'","number":5'),
        "a space": raw.replace(b'"number":5', b'"number": 5'),
        "another normal form": raw.replace(title, b"e\xcc\x81"),
        "no commitments": raw.replace(b'"commit":{', b'"commits":{'),
        "another version": raw.replace(b'"v":1}', b'"v":2}'),
        "another log": raw.replace(ORIGIN.encode(), b"other.example/log"),
        "a later place": raw.replace(b'"seq":5', b'"seq":6'),
        "an earlier place": raw.replace(b'"seq":5', b'"seq":4'),
    }
    for name, changed in changes.items():
        assert changed != raw, name
        yield name, relinked([*honest[:at], changed, *honest[at + 1 :]], at)
    for name, labels in {"commitments out of order": (b"person", b"label "), "one label twice": (b"person", b"person")}.items():
        start = raw.index(b'"commit":{') + 10
        place = raw.index(b"}", start)
        hexes = b"0" * 64, b"1" * 64
        made = b",".join(b'"%b":"%b"' % pair for pair in zip(labels, hexes, strict=True))
        yield name, relinked([*honest[:at], raw[:start] + made + raw[place:], *honest[at + 1 :]], at)
    first = list(honest)
    replace_link(first, 0, random)
    yield "a link before the first", [first[0], *relinked(first, 1)[1:]]
    unlinked = list(honest)
    replace_link(unlinked, at, random)
    yield "another link", [*unlinked[: at + 1], *relinked(unlinked, at + 1)[at + 1 :]]


def put(folder, name, entries, note):
    """Both carriers of one log: (command, path) of each."""
    lines = folder / f"{name}.jsonl"
    return [("log", write_log(folder / name, entries, note)), ("export", write_lines(lines, entries, note))]


def questions(folder):
    """Every question with the options beside the key; all but the first few are about something damaged."""
    entries = chain(COUNT)
    note = checkpoint(entries, SIGNER)
    asked = [[*one, "--key", KEY] for one in put(folder, "honest", entries, note)]
    for name, odd in odd_entries():
        asked += [[*one, "--key", KEY] for one in put(folder, name, odd, checkpoint(odd, SIGNER))]
    for damage in (swap, drop, duplicate, insert, replace, replace_link, replace_origin):
        for at in (0, 7, COUNT - 2):
            damaged = list(entries)
            damage(damaged, at, random.Random(1))
            asked += [[*one, "--key", KEY] for one in put(folder, f"{damage.__name__} {at}", damaged, note)]
    for damage in (replace, replace_link):
        last = list(entries)
        damage(last, COUNT - 1, random)
        asked += [[*one, "--key", KEY] for one in put(folder, f"last {damage.__name__}", last, note)]
    asked += [[*one, "--key", KEY] for one in put(folder, "more", entries, checkpoint(entries[:-3], SIGNER))]
    asked += [[*one, "--key", KEY] for one in put(folder, "fewer", entries[:-3], note)]
    return [*asked, *of_tiles(folder), *of_signatures(folder, entries, note), *of_seen(folder), *of_proofs(folder)]


def of_tiles(folder, count=300):
    entries = chain(count)
    note = checkpoint(entries, SIGNER)

    def changed(name, path, change):
        place = write_log(folder / name, entries, note)
        (place / path).write_bytes(change((place / path).read_bytes()))
        return ["log", place, "--key", KEY]

    level1 = tiles.tile_path(1, 0, 1)
    bundle, tile0 = tiles.tile_path("entries", 1, count - 256), tiles.tile_path(0, 1, count - 256)
    yield changed("leaf", tile0, lambda data: data[:40] + bytes([data[40] ^ 1]) + data[41:])
    yield changed("leaf of a full tile", tiles.tile_path(0, 0), lambda data: bytes([data[0] ^ 1]) + data[1:])
    yield changed("node", level1, lambda data: bytes([data[0] ^ 1]) + data[1:])
    yield changed("long node", level1, lambda data: data + data)
    yield changed("long leaves", tile0, lambda data: data + data[:32])
    yield changed("short bundle", bundle, lambda data: data[:-3])
    yield changed("long bundle", bundle, lambda data: data + b"\0\1x")
    missing = write_log(folder / "missing", entries, note)
    (missing / tile0).unlink()
    yield ["log", missing, "--key", KEY]
    # As the specification lets a log do: of the partial tiles only the full ones are left.
    longer, place = chain(512), folder / "went on"
    write_log(place, longer, checkpoint(longer[:count], SIGNER))
    for level in (0, "entries"):
        (place / tiles.tile_path(level, 1, count - 256)).rename(place / tiles.tile_path(level, 1))
    above = place / tiles.tile_path(1, 0, 1)
    above.write_bytes(above.read_bytes()[: merkle.HASH_LENGTH])
    yield ["log", place, "--key", KEY]
    # A tree over the damaged entries that nobody signed: tiles agree with entries, and the root with nothing.
    opaque = [b"one", b"two", b"three"]
    signed = checkpoint([b"one", b"two", b"four"], SIGNER)
    yield ["log", write_log(folder / "foreign", opaque, signed), "--key", KEY, "--opaque"]


def of_signatures(folder, entries, note):
    text, line = note.split("\n\n")
    other = checkpoint(entries, STRANGER)
    root = text.split("\n")[2]
    notes = {
        "broken": note[:-10] + ("AAAA" if note[-10:-6] != "AAAA" else "BBBB") + note[-6:],
        "stranger": other,
        "both, one broken": note + line[:-10] + ("AAAA" if line[-10:-6] != "AAAA" else "BBBB") + line[-6:],
        "no signature line": text + "\n\n",
        "an end that is no newline": note[:-1] + "x",
        "a malformed line": note + "\u2014 somebody\n",
        "a short line": note + "\u2014 somebody AAAA\n",
        "stray bits": text + "\n\n" + line[:-3] + chr(ord(line[-3]) + 1) + "=\n",
        "no checkpoint": SIGNER.sign("words\n"),
        "another origin": SIGNER.sign(text.replace(ORIGIN, "other.example/log") + "\n"),
        "a zero in front": SIGNER.sign(text.replace(f"\n{COUNT}\n", f"\n0{COUNT}\n") + "\n"),
        "a short root": SIGNER.sign(text.replace(root, root[:-4]) + "\n"),
        "an empty line": SIGNER.sign(text + "\n\nmore\n"),
    }
    for name, changed in notes.items():
        place = write_log(folder / f"note {name}", entries, note)
        (place / "checkpoint").write_text(changed)
        yield ["log", place, "--key", KEY]
        file = write_lines(folder / f"note {name}.jsonl", entries, changed)
        yield ["export", file, "--key", KEY]
    place = write_log(folder / "control", entries, note)
    # Signed as it stands, which no honest signer does.
    controlled = f"{text}\n\x01\n"
    signature = Ed25519PrivateKey.from_private_bytes(SIGNER.seed).sign(controlled.encode())
    data = base64.b64encode(SIGNER.verifier.id + signature).decode()
    (place / "checkpoint").write_text(f"{controlled}\n\u2014 {ORIGIN} {data}\n")
    yield ["log", place, "--key", KEY]
    (folder / "cut.jsonl").write_bytes(b"".join(raw + b"\n" for raw in entries))
    yield ["export", folder / "cut.jsonl", "--key", KEY]
    whole = write_lines(folder / "unended.jsonl", entries, note).read_bytes()
    (folder / "unended.jsonl").write_bytes(whole[:-1])
    yield ["export", folder / "unended.jsonl", "--key", KEY]
    yield ["export", folder / "nowhere.jsonl", "--key", KEY]
    yield from of_keys(folder)


def of_keys(folder):
    """Statements of keys: followed, not followed, and a thief with a key that was retired."""
    good = (rotation.ADDED, rotation.added(NEXT, by=SIGNER))
    ended = (rotation.RETIRED, rotation.retired(SIGNER.verifier, by=NEXT))
    forged = (rotation.ADDED, {**rotation.added(STRANGER, by=STRANGER), "by": KEY})
    for name, said, signer in (("followed", [good], NEXT), ("thief", [good, ended], SIGNER), ("forged", [forged], STRANGER)):
        yield ["log", stating(folder / f"keys {name}", said, signer), "--key", KEY]
    yield from of_lists(folder, good, ended)


def stating(place, said, signer):
    """A log of six entries; those from the third on make these statements of keys."""

    def make(number):
        if not 0 <= number - 2 < len(said):
            return intent(number)
        return intent(number, type=said[number - 2][0], body=said[number - 2][1])

    entries = chain(6, make=make)
    return write_log(place, entries, checkpoint(entries, signer))


def listing(*spans):
    """A list of keys, each with what is said of it, and of two witnesses."""
    return "".join(f"# from seq {said}\n{vkey}\n" for said, vkey in spans) + WITNESSES


def of_lists(folder, good, ended):
    """A folder's list of keys beside what the log states of them."""
    new, stranger = NEXT.verifier.vkey, STRANGER.verifier.vkey
    alone, both = listing(("0", KEY)), listing(("2", new), ("0, retired at seq 3", KEY))
    by_a_stranger = (rotation.RETIRED, rotation.retired(SIGNER.verifier, by=STRANGER))
    unsigned = (
        rotation.ADDED,
        {**rotation.added(NEXT, by=STRANGER), "note": STRANGER.sign(rotation.statement(rotation.ADDED, NEXT.verifier))},
    )
    logs = {
        "alone": ([], SIGNER, KEY, [alone, alone.replace("seq 0", "seq 1"), listing(("0", KEY), ("0", stranger)), WITNESSES, ""]),
        "odd": ([], SIGNER, KEY, [f"{alone}\n", alone.replace("# from", "# since"), alone.replace("other.example", "otter.example")]),
        "twice": ([], SIGNER, KEY, [alone + alone, listing(("0", KEY), ("5", KEY)), alone.replace("platform", "platforn")]),
        "changed": ([good, ended], NEXT, KEY, [both, listing(("2", new), ("0", KEY)), listing(("2", new), ("0, retired at seq 4", KEY))]),
        "followed": ([good, ended], NEXT, KEY, [listing(("0, retired at seq 3", KEY)), both.replace("from seq 2", "from seq 1")]),
        "later": ([good, ended], NEXT, new, [both, both.replace("from seq 2", "from seq 0"), listing(("2", new), ("2", KEY)), both + both]),
        "retired by a stranger": ([by_a_stranger], SIGNER, KEY, [alone]),
        "said before it was signed": ([unsigned, good], NEXT, new, [listing(("3", new), ("0", KEY))]),
    }
    for name, (said, signer, key, lists) in logs.items():
        for number, text in enumerate(lists):
            place = stating(folder / f"list {name} {number}", said, signer)
            (place / "keys").write_text(text)
            yield ["log", place, "--key", key]
    place = write_log(folder / "foreign list", [b"one"], checkpoint([b"one"], SIGNER))
    (place / "keys").write_text("as they like it\n")
    yield ["log", place, "--key", KEY, "--opaque"]


def of_seen(folder):
    entries = chain(20)
    forked = relinked([*entries[:9], entries[9].replace(b'"number":9', b'"number":8'), *entries[10:]], 9)
    pairs = {
        "fork": (forked, checkpoint(entries[:12], SIGNER)),
        "two roots": (forked, checkpoint(entries, SIGNER)),
        "cut back": (entries[:15], checkpoint(entries, SIGNER)),
        "of another log": (entries, Checkpoint("other.example/log", 3, bytes(32)).sign(Signer("other.example/log", bytes(32)))),
        "no note": (entries, "hello\n"),
        "by another key": (entries, checkpoint(entries[:3], STRANGER)),
        "by another key, cut back": (entries[:15], checkpoint(entries, STRANGER)),
        "by another key, fork": (forked, checkpoint(entries[:12], STRANGER)),
    }
    for name, (shown, kept) in pairs.items():
        (folder / f"kept {name}").write_text(kept)
        for one in put(folder, f"seen {name}", shown, checkpoint(shown, SIGNER)):
            yield [*one, "--key", KEY, "--seen", folder / f"kept {name}"]


def of_proofs(folder):
    entries = chain(11)
    note = checkpoint(entries, SIGNER)
    honest = proof(entries, 6, note).to_text()
    lines = honest.split("\n")
    path = next(place for place, line in enumerate(lines) if line.startswith("index")) + 1
    # An entry that calls itself another's place, in a tree that the log signed: what only a broken log could prove.
    misplaced = list(entries)
    misplaced[6] = misplaced[6].replace(b'"seq":6', b'"seq":7')
    elsewhere = list(entries)
    elsewhere[6] = elsewhere[6].replace(ORIGIN.encode(), b"other.example/log")
    changed = {
        "honest": honest,
        "another index": honest.replace("index 6", "index 7"),
        "an index beyond": honest.replace("index 6", "index 99"),
        "a short path": "\n".join(lines[:path] + lines[path + 1 :]),
        "a long path": "\n".join([*lines[: path + 1], lines[path], *lines[path + 1 :]]),
        "a short hash": "\n".join([*lines[:path], "AAAA", *lines[path + 1 :]]),
        "no index": honest.replace("index 6", "indices 6"),
        "nothing but a note": f"{lines[0]}\n\n{note}",
        "no entry": "\n".join(line for line in lines if not line.startswith("extra")),
        "another entry": honest.replace(lines[1], proof(entries, 5, note).to_text().split("\n")[1]),
        "another place in the entry": proof(misplaced, 6, checkpoint(misplaced, SIGNER)).to_text(),
        "another log in the entry": proof(elsewhere, 6, checkpoint(elsewhere, SIGNER)).to_text(),
        "another signer": proof(entries, 6, checkpoint(entries, STRANGER)).to_text(),
    }
    for name, text in changed.items():
        file = folder / f"{name}.tlog-proof"
        file.write_text(text)
        yield ["proof", file, "--key", KEY]
