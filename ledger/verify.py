#!/usr/bin/env python3
"""Check the public log of Jinqiao without trusting it: one file, the standard library and `cryptography`.

    verify.py log DIR_OR_URL --key VKEY [--policy FILE] [--seen NOTE] [--opaque]   a tlog-tiles folder or address; opaque: not ours
    verify.py export FILE.jsonl --key VKEY [--policy FILE] [--seen NOTE]           entries as lines, the checkpoint last
    verify.py proof FILE.tlog-proof --key VKEY [--policy FILE]                     one entry under a signed checkpoint
    verify.py certificate FILE.zip --key VKEY [--policy FILE]                      an evidence file: entries, proofs, values

VKEY is the log's public key, which you must have from somewhere else than the log. Only with a NOTE, a checkpoint that you kept
earlier, or a FILE that says whose cosignatures you ask for, is a log that was rewritten and signed again told from an honest one.
Exit codes: 0 sound, 1 tampered (the first bad seq is printed), 2 bad input, 3 sound but too few witnesses cosigned.
Formats: RFC 6962, 8785 and 8032, C2SP signed-note and tlog-checkpoint, -cosignature, -policy, -tiles, -proof. Nothing here is
shared with the code that writes the log: two readings of the specifications must agree.
"""

import base64
import gzip
import hashlib
import hmac
import json
import re
import sys
import unicodedata
import urllib.request
import zipfile
import zlib
from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from functools import partial, reduce
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

SOUND, TAMPERED, BAD_INPUT, QUORUM_MISSING = range(4)
ED25519, COSIGNATURE, HASH, TILE, TIMEOUT_SECONDS, LARGEST_FILE = 1, 4, 32, 256, 30, 64 * 1024 * 1024
SEALED, ADDED, RETIRED, PROOF_HEADER = "sealed.v1", "log.key_added", "log.key_retired", "c2sp.org/tlog-proof@v1\n"
ENTRY = re.compile(  # The one spelling of everything around the body, which is read as JSON.
    rb'{"actor":(?:null|"H"),"at":"([-0-9T:.]{23}Z)","body":({.*}),"commit":({(?:L"H"(?:,L"H")*)?}),"id":"([-0-9a-f]{36})","log":"([^"\\]+)",'
    rb'"prev":"(H)","seq":(0|[1-9][0-9]{0,15}),"subject":"(H)","type":"([a-z][a-z0-9_.]*)","v":1}'
    .replace(b"H", b"[0-9a-f]{64}").replace(b"L", rb'"[ !#-\[\]-~]+":'), re.DOTALL,
)  # fmt: skip
LISTED = re.compile(r"(# from seq (\d{1,18})(?:, retired at seq \d{1,18})?|# witness(?:, run by this platform itself)?(?:: \S+)?)\n(.+)\n")
BESIDE = re.compile(r"documents/[0-9a-f]{64}(\.[a-z0-9]{1,10})?|certificate\.(json|pdf)|parties\.json|timestamps/\d{1,18}\.[a-z-]+")


class Refused(Exception):
    def __init__(self, words: str, seq: int | None = None) -> None:
        super().__init__(words)
        self.seq = seq


class Tampered(Refused):
    """What was given contradicts its signature or itself."""


class BadInput(Refused):
    """What was given cannot be checked at all: a missing file, a malformed key."""


class QuorumMissing(Refused):
    """What was given is sound, but too few of the witnesses that the policy asks for cosigned it."""


def must(hold: object, words: str, seq: int | None = None, refusal: type[Refused] = Tampered) -> None:
    if not hold:
        raise refusal(words, seq)


can = partial(must, refusal=BadInput)


class Key(NamedTuple):
    vkey: str
    name: str
    id: bytes
    kind: int
    public: bytes


class Checkpoint(NamedTuple):
    origin: str
    size: int
    root: bytes
    note: str


def read_key(vkey: str, kind: int = ED25519, refusal: type[Refused] = BadInput) -> Key:
    match = re.fullmatch(r"([^+\s\ud800-\udfff]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]{44})", vkey.strip())
    name, digits, material = (match[1], match[2], base64.b64decode(match[3])) if match else ("", "", b"\0")
    must(material[0] == kind, f"the key is not an Ed25519 vkey (name+8 hex digits+base64) of type {kind}", None, refusal)
    must(hashlib.sha256(name.encode() + b"\n" + material).hexdigest()[:8] == digits, "the key's ID is another's: mistyped?", None, refusal)
    return Key(vkey.strip(), name, bytes.fromhex(digits), kind, material[1:])


class Policy:
    """Whose signatures a checkpoint must bear (C2SP tlog-policy); without a file, only the log's."""

    def __init__(self, file: str | None = None) -> None:
        self.logs, self.witnesses = list[Key](), dict[str, Key]()
        self.groups, self.grouped, self.quorum = dict[str, tuple[int, list[str]]](), list[str](), ""
        data = read_file(file) if file else b"quorum none"
        can(not re.search(rb"[\x00-\x08\x0b-\x1f\x7f]", data), "the policy holds control characters")
        for number, line in enumerate(data.decode("utf-8", "surrogateescape").split("\n"), 1):  # octets beyond ASCII mean but themselves
            words = re.findall(r"[^ \t]+", line)
            right = not words or words[0].startswith("#") or self._take(words, {*self.witnesses, *self.groups})
            can(right, f"line {number} of the policy is malformed, or names what it may not: {line.strip()!r}")
        can(self.quorum, "the policy has no quorum line; it may say: quorum none")

    def _take(self, words: list[str], names: set[str]) -> bool:
        match words:
            case ["log", vkey] | ["log", vkey, _]:
                self.logs.append(read_key(vkey))
                return len({one.public for one in self.logs}) == len(self.logs)
            case ["witness", name, vkey] | ["witness", name, vkey, _]:
                self.witnesses[name] = read_key(vkey, COSIGNATURE)
                return name not in {"none", *names} and len({one.public for one in self.witnesses.values()}) == len(self.witnesses)
            case ["group", name, least, *members]:
                count = {"all": len(members), "any": 1}.get(least) or int(least if re.fullmatch("[1-9][0-9]{0,5}", least) else 0)
                self.groups[name], self.grouped = (count, members), self.grouped + members
                once = len(set(self.grouped)) == len(self.grouped) and name not in {"none", *names}
                return once and set(members) <= names and 1 <= count <= len(members)
            case ["quorum", name] if not self.quorum:
                self.quorum = name
                return name in {"none", *names}
        return False

    def check(self, note: str) -> str:
        """Return who cosigned, or raise unless one of the logs signed, where any is named, and the quorum cosigned."""
        signed = [one for one in self.logs if note.startswith(f"{one.name}\n") and signed_text(note, one)]
        must(signed or not self.logs, "no log of the policy signed the checkpoint")
        met = [name for name, key in self.witnesses.items() if signed_text(note, key)]
        cosigners = ", ".join(self.witnesses[name].name for name in met)
        for name, (count, members) in self.groups.items():
            met += [name] * (sum(one in met for one in members) >= count)
        must(self.quorum in {"none", *met}, f"quorum {self.quorum} not reached; cosigned by: {cosigners or 'nobody'}", None, QuorumMissing)
        return f"; cosigned by {cosigners}" if cosigners else ""


def signed_text(note: str, key: Key) -> str | None:
    """Return the text of a note when this key signed or cosigned it, None when only others did."""
    text, blank, signatures = text_of(note.encode()).rpartition("\n\n")
    text, found = text + "\n", None
    must(blank and signatures.endswith("\n"), "this is not a signed note")
    for line in signatures[:-1].split("\n"):
        match = re.fullmatch(r"\u2014 ([^+\s]+) ([A-Za-z0-9+/=]+)", line)
        data = from_base64(match[2]) if match else b""
        must(len(data) > 4, "a signature line of the note is malformed")
        if match and (match[1], data[:4]) == (key.name, key.id):
            time, signature = (data[4:12], data[12:]) if key.kind == COSIGNATURE else (b"", data[4:])
            must(time < b"\x80", "the time of a cosignature is beyond what one may have")
            signed = f"cosignature/v1\ntime {int.from_bytes(time, 'big')}\n{text}" if time else text
            try:
                Ed25519PublicKey.from_public_bytes(key.public).verify(signature, signed.encode())
            except InvalidSignature:
                raise Tampered(f"the signature of {key.name} does not hold") from None
            found = text
    return found


def open_checkpoint(note: str, key: Key, *, any_origin: bool = False, by_another: bool = False) -> Checkpoint:
    """Return what the note says when this key signed it; `by_another` leaves the signature to be checked later."""
    must(signed_text(note, key) or by_another, f"the checkpoint is not signed by {key.vkey}")
    lines = note.rpartition("\n\n")[0].split("\n")
    root = from_base64(lines[2]) if len(lines) > 2 else b""
    must(len(root) == HASH and all(lines) and re.fullmatch(r"0|[1-9][0-9]{0,18}", lines[1]), "the signed note is not a checkpoint")
    must(any_origin or lines[0] == key.name, f"the checkpoint is of the log {lines[0]}, the key of {key.name}")
    return Checkpoint(lines[0], int(lines[1]), root, note)


def from_base64(text: str) -> bytes:
    """Decode base64 that has exactly one spelling."""
    with suppress(ValueError):
        if base64.b64encode(data := base64.b64decode(text, validate=True)).decode() == text:
            return data
    raise Tampered("base64 is malformed")


def leaf_of(raw: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + raw).digest()


def node_of(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


class Tree:
    """A growing tree of which only the roots of its perfect subtrees are kept, the largest first."""

    def __init__(self, size: int = 0, peaks: Iterable[bytes] = ()) -> None:
        self.size, self.peaks = size, list(peaks)

    def add(self, leaf: bytes) -> None:
        position = self.size
        while position & 1:
            leaf, position = node_of(self.peaks.pop(), leaf), position >> 1
        self.peaks.append(leaf)
        self.size += 1

    def root(self) -> bytes:
        return reduce(lambda right, left: node_of(left, right), reversed(self.peaks)) if self.peaks else hashlib.sha256(b"").digest()


def root_above(leaf: bytes, index: int, size: int, path: list[bytes]) -> bytes:
    """The root that a leaf and its path lead to, nothing where the path has another length (RFC 6962 section 2.1.1, from the top)."""
    if size == 1 or not path:
        return b"" if path or size > 1 else leaf
    half, above = 1 << (size - 1).bit_length() - 1, path[-1]
    if index < half:
        return node_of(root_above(leaf, index, half, path[:-1]), above)
    return node_of(above, root_above(leaf, index - half, size - half, path[:-1]))


def read_json(data: bytes) -> Any:
    """Parse canonical JSON of the log's profile: ASCII keys, no floats, small integers, NFC, one spelling."""
    value, _ = DECODER.raw_decode(text := data.decode())
    if canonical(value) != text or not unicodedata.is_normalized("NFC", text):  # so with a tail, a key twice or a lone surrogate
        raise ValueError("not in canonical form")
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if not "".join(found).isascii():
        raise ValueError("a key is not ASCII")
    return found


def _integer(digits: str) -> int:
    if abs(int(digits)) >= 2**53:
        raise ValueError("an integer is too large")
    return int(digits)


DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_int=_integer, parse_float=_integer, parse_constant=_integer)
# In the profile, sorting by code point is sorting by UTF-16, as RFC 8785 does.
canonical = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, check_circular=False).encode


def read_entry(raw: bytes, seq: int) -> dict[str, Any]:
    """Parse one entry and check its shape; its place is checked by whoever follows the log."""
    if match := ENTRY.fullmatch(raw):
        at, body, commit, name, log, prev, place, subject, kind = match.groups()
        try:
            if commit.count(b":") < 2 or (labels := re.findall(rb'"([^"]*)":', commit)) == sorted(set(labels)):
                read = {"at": at.decode(), "body": read_json(body), "id": name.decode(), "log": log.decode(), "type": kind.decode()}
                return {**read, "commit": commit, "prev": prev, "seq": int(place), "subject": subject}
        except (ValueError, RecursionError):
            pass
    raise Tampered("the entry does not have the fields of version 1 in canonical form", seq)


class Log:
    """Follows the log from its first entry; at a break it looks one entry ahead to name the guilty one of the pair."""

    def __init__(self, origin: str | None, key: Key) -> None:
        self.origin, self.keys, self.ended = origin, {key: 0}, dict[Key, int]()  # from which seq a key holds, and at which it ended
        self.tree = self.before = Tree()
        self.prev, self.last, self.then = b"0" * 64, b"", b""

    def follow(self, entries: Iterator[tuple[bytes, bytes]], head: Checkpoint, size: int) -> None:
        """Read entries (opaque ones with `origin` None) to the end, hold size and root against the signed ones, keep the root at `size`."""
        for raw, leaf in entries:
            if (seq := self.tree.size) == size:
                self.then = self.tree.root()
            if self.origin is not None:
                entry = read_entry(raw, seq)
                if not (entry["prev"] == self.prev and entry["seq"] == seq < head.size and entry["log"] == self.origin):
                    self._refuse(entry, raw, entries, head)
                if entry["type"] in (ADDED, RETIRED):
                    self._follow_key(entry)
            if seq + 2 == head.size:
                self.before = Tree(seq, self.tree.peaks)
            self.prev, self.last = leaf.hex().encode(), raw
            self.tree.add(leaf)
        must(self.tree.size >= head.size, f"{head.size} entries were signed, {self.tree.size} are here", self.tree.size)
        must(self.tree.root() == head.root, "not the tree that was signed: the last entry is another, or all from one on", head.size - 1)

    def _follow_key(self, entry: dict[str, Any]) -> None:
        """A note signed by one of the keys adds the next, which signs too, or ends an earlier one; any other entry changes nothing."""
        kind, body, keys, seq = entry["type"], entry["body"], self.keys, self.tree.size
        with suppress(Refused, LookupError, TypeError, AttributeError):
            subject, by = read_key(body["vkey"]), read_key(body["by"])
            said = f"{by.name}\n{kind}\n{body['vkey']}\n"
            signed = all(signed_text(body["note"], one) == said for one in (by, subject)[: 1 + (kind == ADDED)])
            if signed and by in keys and by not in self.ended:
                if kind == ADDED and subject.name == by.name:
                    keys.setdefault(subject, seq)
                elif kind == RETIRED and subject in [*keys][: [*keys].index(by)]:
                    self.ended.setdefault(subject, seq)
            elif signed and kind == ADDED and keys.get(subject) == 0:
                keys[subject] = seq

    def check_list(self, text: str) -> None:
        """Hold a list of keys against what the log states of the one you trust and those after it; the others need only fit themselves."""
        ends = {key: f", retired at seq {seq}" for key, seq in self.ended.items()}
        stated = {(f"# from seq {seq}{ends.get(key, '')}", str(seq), key.vkey) for key, seq in self.keys.items()}
        listed, first = LISTED.findall(text), min(self.keys.values())
        must("".join(f"{said}\n{vkey}\n" for said, _, vkey in dict.fromkeys(listed)) == text, "a line of `keys` is odd or there twice")
        must(stated <= {*listed}, "`keys` says other than the log of the key you trust, or of one that followed")
        for one in listed:
            must(one in stated or int(one[1] or -1) < first, f"`keys` lists one of which the log states nothing: {one[2]}")
            read_key(one[2], ED25519 if one[1] else COSIGNATURE, Tampered)

    def _refuse(self, entry: dict[str, Any], raw: bytes, rest: Iterator[tuple[bytes, bytes]], head: Checkpoint) -> NoReturn:
        seq, linked = self.tree.size, entry["prev"] == self.prev
        must(seq < head.size, f"only {head.size} entries were signed, here is one more", seq)
        must(entry["log"] == self.origin, f"the entry names another log than {self.origin}", seq)
        if entry["seq"] != seq and (linked or entry["seq"] > seq or raw == self.last):
            raise Tampered(f"here stands an entry that calls itself {entry['seq']}", seq)
        guilty = seq - 1 if seq and self._carries_on(raw, rest, entry["prev"], head) else seq
        raise Tampered(f"entries {seq - 1} and {seq} do not follow each other", guilty)

    def _carries_on(self, raw: bytes, rest: Iterator[tuple[bytes, bytes]], named: bytes, head: Checkpoint) -> bool:
        """Whether what comes next, or the signature when nothing does, vouches for this entry against the one before."""
        try:
            if following := next(rest, None):
                return bool(read_entry(following[0], 0)["prev"] == leaf_of(raw).hex().encode())
        except Tampered:
            return False
        # The last entry: would the signed root come out, had the one before it the hash that this one names?
        for leaf in (bytes.fromhex(named.decode()), leaf_of(raw)):
            self.before.add(leaf)
        return self.tree.size + 1 == head.size and self.before.root() == head.root


class Source:
    def __init__(self, place: str) -> None:
        self.url, self.folder = place.rstrip("/") if re.match(r"https?://", place) else None, Path(place)

    def get(self, path: str) -> bytes | None:
        if self.url is None:
            return (self.folder / path).read_bytes() if (self.folder / path).is_file() else None
        request = urllib.request.Request(f"{self.url}/{path}", headers={"Accept-Encoding": "gzip"})  # noqa: S310 - http or https
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310
                packed = answer.headers.get("Content-Encoding") == "gzip"
                return bytes((gzip.GzipFile(fileobj=answer) if packed else answer).read(LARGEST_FILE))
        except (OSError, EOFError, zlib.error) as error:
            if getattr(error, "code", None) == 404:
                return None
            raise BadInput(f"{self.url}/{path} cannot be read: {error}") from None

    def tile(self, level: int | str, index: int, width: int) -> tuple[bytes, bool]:
        """A tile or bundle, empty where there is none; True where only a full one is left of a partial one."""
        path = f"tile/{level}/" + re.sub(r"(\d{3})(?=\d)", r"x\1/", f"{index:0{-(-len(str(index)) // 3) * 3}d}")
        partial = self.get(f"{path}.p/{width}") if width < TILE else None
        return (partial, False) if partial is not None else (self.get(path) or b"", width < TILE)


class Tiles:
    """Holds every tile that a log serves against the tiles that its entries make."""

    def __init__(self, source: Source, size: int) -> None:
        self.source, self.size, self.made = source, size, dict[int, list[bytes]]()

    def entries(self) -> Iterator[tuple[bytes, bytes]]:
        """Every entry in order and its hash, which is compared with that in the tile before it is passed on."""
        for first in range(0, self.size, TILE):
            width = min(TILE, self.size - first)
            leaves, _ = self.source.tile(0, first // TILE, width)
            for position, raw in enumerate(self._bundle(first // TILE, width)):
                leaf = leaf_of(raw)
                must(leaf == leaves[position * HASH :][:HASH], "the entry does not hash to its leaf in the tile", first + position)
                yield raw, leaf
                self._rise(0, first + position, leaf)
        for level in [level for level, hashes in self.made.items() if hashes]:
            self._compare(level, (self.size // TILE**level - 1) // TILE)

    def _bundle(self, index: int, width: int) -> Iterator[bytes]:
        (data, longer), start = self.source.tile("entries", index, width), 0
        for position in range(width):
            end = start + 2 + int.from_bytes(data[start : start + 2], "big")
            must(len(data) >= max(start + 2, end), "the bundle of entries ends too early", index * TILE + position)
            yield data[start + 2 : end]
            start = end
        must(longer or start == len(data), "the bundle of entries is too long", index * TILE + width)

    def _rise(self, level: int, place: int, value: bytes) -> None:
        (hashes := self.made.setdefault(level, [])).append(value)
        if len(hashes) == TILE:
            self._compare(level, place // TILE)
            while len(hashes) > 1:
                hashes = [node_of(hashes[i], hashes[i + 1]) for i in range(0, len(hashes), 2)]
            self.made[level] = []
            self._rise(level + 1, place // TILE, hashes[0])

    def _compare(self, level: int, index: int) -> None:
        made, first = self.made[level], index * TILE
        served, longer = self.source.tile(level, index, len(made))
        wrong = [place for place, value in enumerate(made) if served[place * HASH : (place + 1) * HASH] != value]
        must(not wrong, f"a tile of level {level} differs from the entries", (first + min(wrong, default=0)) * TILE**level)
        must(longer or len(served) == len(made) * HASH, f"a tile of level {level} is too long", (first + len(made)) * TILE**level)


def check_log(place: str, given: Namespace) -> str:
    source = Source(place)
    can(note := source.get("checkpoint") or b"", f"{place} is neither the folder nor the http address of a log: no checkpoint")
    listed = None if source.url or given.opaque else source.get("keys")  # an address may list what is newer than its checkpoint
    return follow_log(text_of(note), given, lambda size: Tiles(source, size).entries(), listed)


def follow_log(note: str, given: Namespace, entries: Callable[[int], Iterator[tuple[bytes, bytes]]], listed: bytes | None = None) -> str:
    """Hold entries against the checkpoint, its signature and that of the one you kept against your key or one to which the log leads."""
    head = open_checkpoint(note, given.key, any_origin=given.opaque, by_another=True)
    kept = read_seen(given.seen, given.key, head) if given.seen else head
    log, known = Log(None if given.opaque else head.origin, given.key), False
    log.follow(entries(head.size), head, kept.size)
    signed = [one for one in log.keys if one not in log.ended and signed_text(note, one) is not None]
    must(signed, "the checkpoint is signed neither by the key you trust nor by one to which the log leads from it")
    if listed is not None:
        log.check_list(text_of(listed))
    with suppress(Tampered):
        known = any(signed_text(kept.note, one) for one in log.keys)
    same = kept.root == (head.root if kept.size == head.size else log.then)
    can(known or not same, "the checkpoint you kept is signed neither by the key you trust nor by one to which the log leads from it")
    must(known, "either this is not that log's checkpoint, or the log was cut back or rewritten before the entry that named its key")
    must(kept.size <= head.size, f"you kept a checkpoint of {kept.size} entries, the log now signs {head.size}: it was cut back", head.size)
    must(same, f"the first {kept.size} entries are not those of the checkpoint you kept: a rewritten or forked log")
    now = "" if given.key in signed else f"; your key was followed by {signed[-1].vkey}"
    return f"{head.origin}: {head.size} entries, root {head.root.hex()}{now}{given.policy.check(note)}"


def check_export(file: str, given: Namespace) -> str:
    can(Path(file).is_file(), f"{file} is not a file")
    with Path(file).open("rb") as lines:
        lines.seek(max(0, Path(file).stat().st_size - 100_000))
        last = lines.read().rstrip(b"\n").rpartition(b"\n")[2]
        lines.seek(0)
        try:
            note = str(read_json(last)["checkpoint"])
        except (ValueError, RecursionError, LookupError, TypeError):
            raise Tampered("the export does not end in its checkpoint: it was cut off", sum(1 for _ in lines)) from None
        return follow_log(note, given, lambda size: _entries_in(lines))


def _entries_in(lines: Iterable[bytes]) -> Iterator[tuple[bytes, bytes]]:
    for number, (line, following) in enumerate(pairwise(lines), 1):
        yield (raw := line[:-1]), leaf_of(raw)
        must(following.endswith(b"\n"), "the export ends within a line", number)


def check_proof(file: str, given: Namespace) -> str:
    can((data := read_file(file)).startswith(PROOF_HEADER.encode()), f"{file} is not a .tlog-proof")
    index, entry, head = prove(text := text_of(data), None, given)
    cosigned = given.policy.check(text.partition("\n\n")[2])
    return f"entry {index} of {head.origin} ({entry['type']}, {entry['at']}) stands in the tree of {head.size} entries{cosigned}"


def prove(text: str, raw: bytes | None, given: Namespace) -> tuple[int, dict[str, Any], Checkpoint]:
    top, blank, note = text.partition("\n\n")
    lines = top.split("\n")[1:]
    extra = from_base64(lines.pop(0)[6:]) if lines and lines[0].startswith("extra ") else raw
    must(raw in (None, extra), "the proof carries another entry than the one given")
    match = re.fullmatch(r"index (0|[1-9][0-9]{0,18})", lines[0]) if lines else None
    must(blank and match and text.startswith(PROOF_HEADER), "the proof is malformed")
    if (raw := extra) is None:
        raise BadInput("the proof carries no entry in its extra line")
    index = int(match[1]) if match else 0
    head = open_checkpoint(note, given.key)
    path = [from_base64(line) for line in lines[1:]]  # one of another length than 32 bytes leads to another root
    stands = index < head.size and root_above(leaf_of(raw), index, head.size, path) == head.root
    must(stands, "the entry is not in the tree that was signed", index)
    entry = read_entry(raw, index)
    must((entry["seq"], entry["log"]) == (index, head.origin), "the entry names another place or log than it stands in", index)
    return index, entry, head


def check_certificate(file: str, given: Namespace) -> str:
    """Check an evidence file: each entry's proof, that it speaks of an object named in the file, and every disclosed value."""
    can(zipfile.is_zipfile(file), f"{file} is not a ZIP file")
    try:
        with zipfile.ZipFile(file) as archive:
            can(sum(info.file_size for info in archive.infolist()) <= LARGEST_FILE, "the evidence file is larger than the log hands out")
            files = {name: archive.read(name) for name in archive.namelist()}
            must(len(files) == len(archive.infolist()), "the evidence file holds two files of one name")
    except (OSError, EOFError, NotImplementedError, RuntimeError, ValueError, zipfile.BadZipFile, zlib.error) as error:
        raise Tampered(f"the evidence file is damaged: {error}") from None
    secrets = [str(one) for one in _json_of(files, "handles.json", list)]
    must(len({one for one in secrets if re.fullmatch(r"[0-9a-f]{64}", one)}) == len(secrets) > 0, "handles.json: no secrets, or one twice")
    seqs = sorted(int(match[1]) for name in files if (match := re.fullmatch(r"entries/(\d{1,18})\.json", name)))
    ends = (".json", ".tlog-proof", ".disclosures.json")
    expected = {"README.txt", "log.vkey", "handles.json"} | {f"entries/{seq}{end}" for seq in seqs for end in ends}
    odd = sorted(expected - set(files)) + sorted(name for name in set(files) - expected if not BESIDE.fullmatch(name))
    must(not odd, "files are missing, or there are others: " + ", ".join(odd[:5]))
    must(text_of(files["log.vkey"]).strip() == given.key.vkey, "log.vkey is not the key you trust")
    stated: dict[str, list[Any]] = {one: [] for one in secrets}
    try:
        said = [_check_evidence(seq := one, files, given, stated) for one in seqs]
    except Tampered as fault:
        raise Tampered(str(fault), seq) from None
    must(all(stated.values()), "handles.json names an object of which no entry is here")
    documents = {name for name in files if name.startswith("documents/")}
    for name in sorted(documents):
        digest = hashlib.sha256(files[name]).hexdigest()
        must(digest == name[10:74] and digest in canonical([*stated.values()]), f"{name}: no entry names it by its hash")
    if "certificate.json" in files:
        listed = _json_of(files, "certificate.json", dict, lambda data: json.loads(data.decode(), parse_constant=_integer)).get("documents")
        must(isinstance(listed, dict) and {*listed} == documents, "certificate.json lists other documents than are here")
    unread = ", ".join(sorted({"README.txt", *files} - (expected - {"README.txt"}) - documents))
    cosigned = {given.policy.check(files[f"entries/{seq}.tlog-proof"].decode().partition("\n\n")[2]) for seq in seqs}
    return "\n".join([f"{len(seqs)} entries, {len(stated)} objects{''.join(cosigned)}", *said, f"not checked 未核验: {unread}"])


def _check_signatures(body: dict[str, Any], statement: Any) -> str:
    """Hold the parties' signatures that an entry states against the statement that it discloses."""
    try:
        for one in body["signatures"]:
            public = Ed25519PublicKey.from_public_bytes(bytes.fromhex(one["public_key"]))
            public.verify(bytes.fromhex(one["signature"]), b"jinqiao/agreement/v1\n" + statement.encode())
    except (InvalidSignature, AttributeError, LookupError, TypeError, ValueError):
        raise Tampered("a party's signature does not hold over the statement") from None
    return f", the signatures of {len(body['signatures'])} parties hold"


def _check_evidence(seq: int, files: dict[str, bytes], given: Namespace, stated: dict[str, list[Any]]) -> str:
    index, entry, _ = prove(text_of(files[f"entries/{seq}.tlog-proof"]), files[f"entries/{seq}.json"], given)
    must(index == seq, f"the proof is of entry {index}")
    told = "\0".join(["subject", *([entry["id"]] if entry["type"] == SEALED else [])]).encode()
    about = [one for one in stated if hmac.digest(bytes.fromhex(one), told, "sha256").hex().encode() == entry["subject"]]
    must(about, "the entry speaks of another object")
    shown = _json_of(files, f"entries/{seq}.disclosures.json", list)
    commits, values = json.loads(entry["commit"]), {}
    for one in sorted(shown, key=lambda item: isinstance(item, dict) and item.get("label") != "sealed"):  # which commits to the others
        try:
            label, value, salt = one["label"], one["value"], bytes.fromhex(one["salt"])
            made = hmac.digest(salt, f"{label}\0{canonical(value)}".encode(), "sha256").hex()
            opened = len(one) == 3 and salt.hex() == one["salt"] and commits[label] == made and label not in values
        except (KeyError, TypeError, ValueError, AttributeError):
            opened = False
        must(opened, "a disclosed value is not what the entry committed to")
        values[label] = value
        if label == "sealed" and entry["type"] == SEALED and isinstance(value, dict):
            commits |= value
    stated[about[0]] += [body := values.get("body", entry["body"]), values]
    signed = _check_signatures(body, values["statement"]) if "statement" in values and "signatures" in body else ""
    return f"seq {seq}: {values.get('type', entry['type'])}, {entry['at']}, {len(values)} values disclosed{signed}"


def _json_of(files: dict[str, bytes], name: str, kind: type, read: Callable[[bytes], Any] = read_json) -> Any:
    with suppress(ValueError, RecursionError):
        if isinstance(found := read(files.get(name, b"")), kind):
            return found
    raise Tampered(f"{name} is missing or malformed")


def read_seen(file: str, key: Key, head: Checkpoint) -> Checkpoint:
    """Read the checkpoint that the caller kept; who signed it is known once the log has been followed."""
    try:
        kept = open_checkpoint(text_of(read_file(file)), key, any_origin=True, by_another=True)
    except Tampered as fault:
        raise BadInput(f"the checkpoint you kept: {fault}") from None
    can(kept.origin == head.origin, f"the checkpoint you kept is of {kept.origin}")
    return kept


def read_file(file: str) -> bytes:
    try:
        return Path(file).read_bytes()
    except OSError as error:
        raise BadInput(f"{file} cannot be read: {error}") from None


def text_of(data: bytes) -> str:
    text = data.decode(errors="surrogateescape")
    must(not re.search(r"[\x00-\x09\x0b-\x1f\ud800-\udfff]", text), "a note is not UTF-8, or holds control characters")
    return text


def main(words: list[str] | None = None) -> int:
    commands = {"log": check_log, "export": check_export, "proof": check_proof, "certificate": check_certificate}
    parser = ArgumentParser(description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    parser.add_argument("command", choices=commands)
    parser.add_argument("place", metavar="DIR_OR_URL|FILE")
    parser.add_argument("--key", required=True, metavar="VKEY")
    parser.add_argument("--policy", metavar="FILE", help="whose cosignatures must be there")
    parser.add_argument("--seen", metavar="NOTE", help="log, export: a checkpoint you kept earlier")
    parser.add_argument("--opaque", action="store_true", help="log: a foreign one, tree and signature only")
    given = parser.parse_args(words)
    if (given.seen and given.command not in ("log", "export")) or (given.opaque and given.command != "log"):
        parser.error(f"{given.command} does not take this option")
    try:
        given.key, given.policy = read_key(given.key), Policy(given.policy)
        print(f"SOUND 完好: {commands[given.command](given.place, given)}")
    except Refused as fault:
        code = (Refused, Tampered, BadInput, QuorumMissing).index(type(fault))
        verdict = ("", "TAMPERED 已被改动", "BAD INPUT 输入有误", "QUORUM MISSING 联署不足")[code]
        print(f"{verdict}: {fault}", file=sys.stderr if code == BAD_INPUT else sys.stdout)
        if code == TAMPERED:
            print(f"first bad seq 首个有误序号: {'not to be named 无法指明' if fault.seq is None else fault.seq}")
        return code
    return SOUND


if __name__ == "__main__":
    sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]  # where a terminal lacks the characters
    sys.exit(main())
