#!/usr/bin/env python3
"""Check the public log of Jinqiao without trusting it: one file, the standard library and `cryptography`.

    verify.py log DIR_OR_URL --key VKEY [--opaque] [--seen NOTE]    a tlog-tiles folder or address, all of it
    verify.py export FILE.jsonl --key VKEY [--seen NOTE]            entries as lines, the checkpoint last
    verify.py proof FILE.tlog-proof --key VKEY                      one entry under a signed checkpoint
    verify.py certificate FILE.zip --key VKEY                       an evidence file: entries, proofs, disclosed values

VKEY is the log's public key, which you must have from somewhere else than the log. NOTE is a checkpoint that you kept
earlier: only with one can a log that was cut back or rewritten, and signed again, be told from an honest one.

Exit codes: 0 sound, 1 tampered (the first bad seq is printed), 2 bad input, 3 reserved for a missing quorum.

Formats: RFC 6962 (tree), RFC 8785 (canonical JSON), RFC 8032 (Ed25519), C2SP signed-note, tlog-checkpoint, tlog-tiles,
tlog-proof. Nothing here is shared with the code that writes the log: two readings of the specifications must agree.
"""

from __future__ import annotations

import argparse
import base64
import binascii
import gzip
import hashlib
import hmac
import json
import re
import sys
import unicodedata
import urllib.error
import urllib.request
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

SOUND, TAMPERED, BAD_INPUT = 0, 1, 2
ED25519, HASH, TILE = 1, 32, 256
SEALED = "sealed.v1"
PROOF_HEADER = "c2sp.org/tlog-proof@v1\n"
ADDED, RETIRED = "log.key_added", "log.key_retired"
ENTRY = re.compile(  # The one spelling of everything around body and commitments, which are read as JSON.
    r'{"actor":(?:null|"H"),"at":"(?P<at>[-\dT:.]{23}Z)",(?P<own>"body":{.*},"commit":{[^{}]*}),"id":"(?P<id>[-\da-f]{36})","log":"(?P<log>[^"\\]+)",'
    r'"prev":"(?P<prev>H)","seq":(?P<seq>0|[1-9]\d{0,15}),"subject":"(?P<subject>H)","type":"(?P<type>[a-z][a-z\d_.]*)","v":1}'
    .replace("H", r"[\da-f]{64}"), re.ASCII | re.DOTALL,
)  # fmt: skip
BESIDE = re.compile(r"documents/[0-9a-f]{64}(\.[a-z0-9]{1,10})?|certificate\.(json|pdf)|parties\.json|timestamps/\d{1,18}\.[a-z-]+")
LARGEST_FILE, TIMEOUT_SECONDS = 64 * 1024 * 1024, 30


class Tampered(Exception):
    """What was given contradicts its signature or itself."""

    def __init__(self, words: str, seq: int | None = None) -> None:
        super().__init__(words)
        self.seq = seq


class BadInput(Exception):
    """What was given cannot be checked at all: a missing file, a malformed key."""


class Key(NamedTuple):
    name: str
    id: bytes
    public: bytes


class Checkpoint(NamedTuple):
    origin: str
    size: int
    root: bytes


def read_key(vkey: str) -> Key:
    match = re.fullmatch(r"([^+\s]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)", vkey.strip())
    try:
        material = base64.b64decode(match[3], validate=True) if match else b""
    except binascii.Error:
        material = b""
    if match is None or len(material) != 33 or material[0] != ED25519:
        raise BadInput("the key is not an Ed25519 vkey (name+8 hex digits+base64)")
    if hashlib.sha256(match[1].encode() + b"\n" + material).hexdigest()[:8] != match[2]:
        raise BadInput("the key's ID does not belong to its name and bytes: a typing error?")
    return Key(match[1], bytes.fromhex(match[2]), material[1:])


def vkey_of(key: Key) -> str:
    return f"{key.name}+{key.id.hex()}+{base64.b64encode(bytes([ED25519]) + key.public).decode()}"


def signed_text(note: str, key: Key) -> str | None:
    """Return the text of a note when this key signed it, None when only others did."""
    text, blank, signatures = note.rpartition("\n\n")
    text, found = text + "\n", None
    if not blank or not signatures.endswith("\n"):
        raise Tampered("the checkpoint is not a signed note")
    for line in signatures[:-1].split("\n"):
        match = re.fullmatch(r"\u2014 ([^+\s]+) ([A-Za-z0-9+/=]+)", line)
        data = from_base64(match[2]) if match else b""
        if match is None or len(data) < 5:
            raise Tampered("a signature line of the checkpoint is malformed")
        if (match[1], data[:4]) == (key.name, key.id):
            try:
                Ed25519PublicKey.from_public_bytes(key.public).verify(data[4:], text.encode())
            except InvalidSignature:
                raise Tampered("the signature of the checkpoint does not hold") from None
            found = text
    return found


def open_checkpoint(note: str, key: Key, *, any_origin: bool = False, by_another: bool = False) -> Checkpoint:
    """Return what the note says when this key signed it; `by_another` leaves the signature to be checked later."""
    if signed_text(note, key) is None and not by_another:
        raise Tampered(f"the checkpoint is not signed by {key.name}+{key.id.hex()}")
    lines = note.rpartition("\n\n")[0].split("\n")
    root = from_base64(lines[2]) if len(lines) > 2 else b""
    if len(root) != HASH or not all(lines) or not re.fullmatch(r"0|[1-9][0-9]{0,18}", lines[1]):
        raise Tampered("the signed note is not a checkpoint")
    if lines[0] != key.name and not any_origin:
        raise Tampered(f"the checkpoint is of the log {lines[0]}, the key of {key.name}")
    return Checkpoint(lines[0], int(lines[1]), root)


def from_base64(text: str) -> bytes:
    """Decode base64 that has exactly one spelling."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Tampered("base64 is malformed") from None
    if base64.b64encode(data).decode() != text:
        raise Tampered("base64 has stray bits")
    return data


def leaf_of(raw: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + raw).digest()


def node_of(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


class Tree:
    """A growing tree of which only the roots of its perfect subtrees are kept."""

    def __init__(self, size: int = 0, peaks: dict[int, bytes] | None = None) -> None:
        self.size = size
        self.peaks = dict(peaks or {})

    def add(self, leaf: bytes) -> None:
        level = 0
        while level in self.peaks:
            leaf = node_of(self.peaks.pop(level), leaf)
            level += 1
        self.peaks[level] = leaf
        self.size += 1

    def root(self) -> bytes:
        found = b""
        for level in sorted(self.peaks):
            found = node_of(self.peaks[level], found) if found else self.peaks[level]
        return found or hashlib.sha256(b"").digest()


def check_inclusion(leaf: bytes, index: int, path: list[bytes], head: Checkpoint) -> None:
    if index >= head.size:
        raise Tampered(f"there is no entry {index} in a log of {head.size}", index)
    at, last, found = index, head.size - 1, leaf
    for sibling in path:
        if last == 0:
            raise Tampered("the proof is too long", index)
        if at % 2 == 1 or at == last:
            found = node_of(sibling, found)
            while at % 2 == 0 and at != 0:
                at, last = at // 2, last // 2
        else:
            found = node_of(found, sibling)
        at, last = at // 2, last // 2
    if last != 0:
        raise Tampered("the proof is too short", index)
    if found != head.root:
        raise Tampered("the entry is not in the tree that was signed", index)


def read_json(data: bytes) -> Any:
    """Parse canonical JSON of the log's profile: ASCII keys, no floats, small integers, NFC, one spelling."""
    text = data.decode()
    value = DECODER.decode(text)
    # A key that stands twice, or a lone surrogate, does not come back as the same bytes.
    if canonical(value) != data or not unicodedata.is_normalized("NFC", text):
        raise ValueError("not in canonical form")
    return value


def canonical(value: Any) -> bytes:
    """Write a value as RFC 8785 does (in the profile, sorting by code point is sorting by UTF-16)."""
    return ENCODER.encode(value).encode()


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
ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def read_entry(raw: bytes, seq: int) -> dict[str, Any]:
    """Parse one entry and check its shape; its place is checked by whoever follows the log."""
    try:
        match = ENTRY.fullmatch(raw.decode())
        own = read_json(b"{%b}" % match["own"].encode()) if match else {}
    except (ValueError, RecursionError) as error:
        raise Tampered(f"the entry is not canonical JSON ({error})", seq) from None
    if match is None or own.keys() != {"body", "commit"}:
        raise Tampered("the entry does not have the fields of version 1 in canonical form", seq)
    return {**match.groupdict(), **own, "seq": int(match["seq"])}


def follow_key(entry: dict[str, Any], keys: list[Key], ended: list[Key]) -> None:
    """A note signed by one of the keys adds the next, which signs too, or ends an earlier one; any other entry changes nothing."""
    kind, body = entry["type"], entry["body"]
    try:
        subject, by = read_key(body["vkey"]), read_key(body["by"])
        said = all(signed_text(body["note"], one) == f"{by.name}\n{kind}\n{body['vkey']}\n" for one in (by, subject)[: 1 + (kind == ADDED)])
    except (Tampered, BadInput, LookupError, TypeError, AttributeError):
        return
    if said and by in keys and by not in ended:
        if kind == ADDED and subject.name == by.name and subject not in keys:
            keys.append(subject)
        elif kind == RETIRED and subject in keys[: keys.index(by)]:
            ended.append(subject)


class Log:
    """Follows the log from its first entry; at a break it looks one entry ahead to name the guilty one of the pair."""

    def __init__(self, origin: str | None, key: Key) -> None:
        self.origin, self.keys, self.ended = origin, [key], list[Key]()
        self.tree = self.before = Tree()
        self.prev = self.last = b""

    def follow(self, entries: Iterator[tuple[bytes, bytes]], head: Checkpoint, seen: Checkpoint | None) -> None:
        """Read entries with their hashes to the end, hold size and root against the signed ones; `origin` None reads opaque entries."""
        for raw, leaf in entries:
            seq = self.tree.size
            if self.origin is not None:
                self._check_place(entry := read_entry(raw, seq), raw, entries, head)
                if entry["type"] in {ADDED, RETIRED}:
                    follow_key(entry, self.keys, self.ended)
            if seq + 2 == head.size:
                self.before = Tree(seq, self.tree.peaks)
            self.prev, self.last = leaf, raw
            self.tree.add(leaf)
            if seen is not None and seen.size == self.tree.size and self.tree.root() != seen.root:
                raise Tampered(f"the first {seen.size} entries are not those of the checkpoint you kept: a rewritten or forked log")
        if self.tree.size < head.size:
            raise Tampered(f"{head.size} entries were signed, {self.tree.size} are here", self.tree.size)
        if self.tree.root() != head.root:
            raise Tampered("this is not the tree that was signed: the last entry is another, or all from an earlier one on", head.size - 1)

    def _check_place(self, entry: dict[str, Any], raw: bytes, rest: Iterator[tuple[bytes, bytes]], head: Checkpoint) -> None:
        seq = self.tree.size
        if seq >= head.size:
            raise Tampered(f"only {head.size} entries were signed, here is one more", seq)
        if entry["log"] != self.origin:
            raise Tampered(f"the entry names another log than {self.origin}", seq)
        named = entry["prev"]
        linked = named == (self.prev.hex() if seq else "0" * 64)
        if entry["seq"] == seq and linked:
            return
        if entry["seq"] != seq and (linked or entry["seq"] > seq or raw == self.last):
            raise Tampered(f"here stands an entry that calls itself {entry['seq']}", seq)
        guilty = seq - 1 if seq and self._carries_on(raw, rest, named, head) else seq
        raise Tampered(f"entries {seq - 1} and {seq} do not follow each other", guilty)

    def _carries_on(self, raw: bytes, rest: Iterator[tuple[bytes, bytes]], named: str, head: Checkpoint) -> bool:
        """Whether what comes next, or the signature when nothing does, vouches for this entry against the one before."""
        try:
            if following := next(rest, None):
                return bool(read_entry(following[0], 0)["prev"] == leaf_of(raw).hex())
        except Tampered:
            return False
        # The last entry: would the signed root come out, had the one before it the hash that this one names?
        repaired = self.before
        repaired.add(bytes.fromhex(named))
        repaired.add(leaf_of(raw))
        return self.tree.size + 1 == head.size and repaired.root() == head.root


class Source:
    def __init__(self, place: str) -> None:
        self.url = place.rstrip("/") if re.match(r"https?://", place) else None
        self.folder = Path(place)
        if self.url is None and not self.folder.is_dir():
            raise BadInput(f"{place} is neither a folder nor an http address")

    def get(self, path: str) -> bytes | None:
        if self.url is None:
            file = self.folder / path
            return file.read_bytes() if file.is_file() else None
        # The scheme was checked to be http or https.
        request = urllib.request.Request(f"{self.url}/{path}", headers={"Accept-Encoding": "gzip"})  # noqa: S310
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310
                data: bytes = answer.read(LARGEST_FILE)
                return gzip.decompress(data) if answer.headers.get("Content-Encoding") == "gzip" else data
        except urllib.error.HTTPError as error:
            if error.code == 404:
                return None
            raise BadInput(f"{self.url}/{path} answers {error.code}") from None
        except (OSError, EOFError, zlib.error) as error:
            raise BadInput(f"{self.url}/{path} cannot be read: {error}") from None

    def tile(self, level: int | str, index: int, width: int) -> tuple[bytes, bool]:
        """A tile or bundle, empty where there is none; True where only a full one is left of a partial one."""
        digits = f"{index % 1000:03d}"
        while index >= 1000:
            index //= 1000
            digits = f"x{index % 1000:03d}/{digits}"
        path = f"tile/{level}/{digits}"
        partial = self.get(f"{path}.p/{width}") if width < TILE else None
        return (partial, False) if partial is not None else (self.get(path) or b"", width < TILE)


class Tiles:
    """Holds every tile that a log serves against the tiles that its entries make."""

    def __init__(self, source: Source, size: int) -> None:
        self.source = source
        self.size = size
        self.made: list[list[bytes]] = []
        self.indexes: list[int] = []

    def entries(self) -> Iterator[tuple[bytes, bytes]]:
        """Every entry in order and its hash, which is compared with that in the tile before it is passed on."""
        for index in range((self.size + TILE - 1) // TILE):
            first = index * TILE
            width = min(TILE, self.size - first)
            leaves, _ = self.source.tile(0, index, width)
            for position, raw in enumerate(self._bundle(index, width)):
                leaf = leaf_of(raw)
                if leaf != leaves[position * HASH : (position + 1) * HASH]:
                    raise Tampered("the entry does not hash to its leaf in the tile", first + position)
                yield raw, leaf
                self._rise(0, leaf)
        for level, hashes in enumerate(self.made):
            if hashes:
                self._compare(level)

    def _bundle(self, index: int, width: int) -> Iterator[bytes]:
        data, longer = self.source.tile("entries", index, width)
        start = 0
        for position in range(width):
            end = start + 2 + int.from_bytes(data[start : start + 2], "big")
            if len(data) < start + 2 or len(data) < end:
                raise Tampered("the bundle of entries ends too early", index * TILE + position)
            yield data[start + 2 : end]
            start = end
        if start != len(data) and not longer:
            raise Tampered("the bundle of entries is too long", index * TILE + width)

    def _rise(self, level: int, value: bytes) -> None:
        if level == len(self.made):
            self.made, self.indexes = [*self.made, []], [*self.indexes, 0]
        self.made[level].append(value)
        if len(self.made[level]) == TILE:
            self._compare(level)
            hashes = self.made[level]
            while len(hashes) > 1:
                hashes = [node_of(hashes[i], hashes[i + 1]) for i in range(0, len(hashes), 2)]
            self.made[level] = []
            self.indexes[level] += 1
            self._rise(level + 1, hashes[0])

    def _compare(self, level: int) -> None:
        made, first = self.made[level], self.indexes[level] * TILE
        served, longer = self.source.tile(level, self.indexes[level], len(made))
        for position, value in enumerate(made):
            if served[position * HASH : (position + 1) * HASH] != value:
                raise Tampered(f"a tile of level {level} differs from the entries", (first + position) * TILE**level)
        if len(served) != len(made) * HASH and not longer:
            raise Tampered(f"a tile of level {level} is too long", (first + len(made)) * TILE**level)


def check_log(place: str, key: Key, *, opaque: bool, seen: str | None) -> str:
    source = Source(place)
    note = source.get("checkpoint")
    if note is None:
        raise BadInput(f"{place} has no checkpoint: it is not a log")
    return follow_log(text_of(note), key, lambda size: Tiles(source, size).entries(), opaque=opaque, seen=seen)


def follow_log(note: str, key: Key, entries: Callable[[int], Iterator[tuple[bytes, bytes]]], *, opaque: bool, seen: str | None) -> str:
    """Hold entries against the checkpoint, and its signature against the key you trust or one to which the log leads from it."""
    head = open_checkpoint(note, key, any_origin=opaque, by_another=True)
    log = Log(None if opaque else head.origin, key)
    log.follow(entries(head.size), head, read_seen(seen, key, head))
    signed = [one for one in log.keys if one not in log.ended and signed_text(note, one) is not None]
    if not signed:
        raise Tampered("the checkpoint is signed neither by the key you trust nor by one to which the log leads from it")
    now = "" if key in signed else f"; your key was followed by {vkey_of(signed[-1])}"
    return f"{head.origin}: {head.size} entries, root {head.root.hex()}{now}"


def check_export(file: str, key: Key, *, seen: str | None) -> str:
    note = _last_note(path := Path(file))
    with path.open("rb") as lines:
        if note is None:
            raise Tampered("the export does not end in its checkpoint: it was cut off", sum(1 for _ in lines))
        return follow_log(note, key, lambda size: _entries_in(lines), opaque=False, seen=seen)


def _last_note(path: Path) -> str | None:
    if not path.is_file():
        raise BadInput(f"{path} is not a file")
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - 100_000))
        last = file.read().rstrip(b"\n").rpartition(b"\n")[2]
    try:
        return str(read_json(last)["checkpoint"])
    except (ValueError, RecursionError, LookupError, TypeError):
        return None


def _entries_in(lines: Any) -> Iterator[tuple[bytes, bytes]]:
    held: bytes | None = None
    for number, line in enumerate(lines):
        if held is not None:
            yield held, leaf_of(held)
        if not line.endswith(b"\n"):
            raise Tampered("the export ends within a line", number)
        held = line[:-1]


def check_proof(file: str, key: Key) -> str:
    if not (data := read_file(file)).startswith(PROOF_HEADER.encode()):
        raise BadInput(f"{file} is not a .tlog-proof")
    index, entry, head = prove(text_of(data), None, key)
    return f"entry {index} of {head.origin} ({entry['type']}, {entry['at']}) stands in the tree of {head.size} entries"


def prove(text: str, raw: bytes | None, key: Key) -> tuple[int, dict[str, Any], Checkpoint]:
    top, blank, note = text.partition("\n\n")
    lines = top.split("\n")[1:]
    if lines and lines[0].startswith("extra "):
        extra = from_base64(lines.pop(0)[6:])
        if raw is not None and raw != extra:
            raise Tampered("the proof carries another entry than the one given")
        raw = extra
    match = re.fullmatch(r"index (0|[1-9][0-9]{0,18})", lines[0]) if lines else None
    if not blank or match is None or not text.startswith(PROOF_HEADER):
        raise Tampered("the proof is malformed")
    if raw is None:
        raise BadInput("the proof carries no entry in its extra line")
    index = int(match[1])
    head = open_checkpoint(note, key)
    path = [from_base64(line) for line in lines[1:]]
    if any(len(one) != HASH for one in path):
        raise Tampered("a hash of the proof does not have 32 bytes", index)
    check_inclusion(leaf_of(raw), index, path, head)
    entry = read_entry(raw, index)
    if (entry["seq"], entry["log"]) != (index, head.origin):
        raise Tampered("the entry names another place or log than it stands in", index)
    return index, entry, head


def check_certificate(file: str, key: Key) -> str:
    """Check an evidence file: each entry's proof, that all speak of one object, and every disclosed value."""
    if not zipfile.is_zipfile(file):
        raise BadInput(f"{file} is not a ZIP file")
    try:
        with zipfile.ZipFile(file) as archive:
            if sum(info.file_size for info in archive.infolist()) > LARGEST_FILE:
                raise BadInput("the evidence file is larger than any that the log hands out")
            files = {name: archive.read(name) for name in archive.namelist()}
    except (OSError, EOFError, NotImplementedError, RuntimeError, ValueError, zipfile.BadZipFile, zlib.error) as error:
        raise Tampered(f"the evidence file is damaged: {error}") from None
    secret = str(_json_of(files, "handle.json", dict).get("secret"))
    if not re.fullmatch(r"[0-9a-f]{64}", secret):
        raise Tampered("handle.json holds no secret")
    seqs = sorted(int(match[1]) for name in files if (match := re.fullmatch(r"entries/(\d{1,18})\.json", name)))
    if not seqs:
        raise Tampered("the evidence file holds no entry")
    ends = (".json", ".tlog-proof", ".disclosures.json")
    expected = {"README.txt", "log.vkey", "handle.json"} | {f"entries/{seq}{end}" for seq in seqs for end in ends}
    if odd := sorted(expected - set(files)) + sorted(name for name in set(files) - expected if not BESIDE.fullmatch(name)):
        raise Tampered("files are missing, or there are others: " + ", ".join(odd[:5]))
    if text_of(files["log.vkey"]).strip() != vkey_of(key):
        raise Tampered("log.vkey is not the key you trust")
    stated: list[Any] = []
    said = [_check_evidence(seq, files, bytes.fromhex(secret), key, stated) for seq in seqs]
    for name in sorted(name for name in files if name.startswith("documents/")):
        digest = hashlib.sha256(files[name]).hexdigest()
        if digest != name[10:74] or digest.encode() not in canonical(stated):
            raise Tampered(f"{name} is not a document that any of the entries names by its hash")
    return "\n".join([f"{len(seqs)} entries of one object", *said])


def _check_signatures(seq: int, body: dict[str, Any], statement: Any) -> str:
    """Hold the parties' signatures that an entry states against the statement that it discloses."""
    try:
        for one in body["signatures"]:
            public = Ed25519PublicKey.from_public_bytes(bytes.fromhex(one["public_key"]))
            public.verify(bytes.fromhex(one["signature"]), b"jinqiao/agreement/v1\n" + statement.encode())
    except (InvalidSignature, AttributeError, LookupError, TypeError, ValueError):
        raise Tampered("a party's signature does not hold over the statement", seq) from None
    return f", the signatures of {len(body['signatures'])} parties hold"


def _check_evidence(seq: int, files: dict[str, bytes], secret: bytes, key: Key, stated: list[Any]) -> str:
    raw = files[f"entries/{seq}.json"]
    try:
        index, entry, _ = prove(text_of(files[f"entries/{seq}.tlog-proof"]), raw, key)
    except Tampered as fault:
        raise Tampered(str(fault), seq) from None
    if index != seq:
        raise Tampered(f"the proof is of entry {index}", seq)
    bound = [entry["id"]] if entry["type"] == SEALED else []
    if entry["subject"] != hmac.digest(secret, "\0".join(["subject", *bound]).encode(), "sha256").hex():
        raise Tampered("the entry speaks of another object", seq)
    shown = _json_of(files, f"entries/{seq}.disclosures.json", list, seq)
    commits, values = dict(entry["commit"]), {}
    # The envelope of a sealed entry first: it holds the commitments of the others.
    for one in sorted(shown, key=lambda item: isinstance(item, dict) and item.get("label") != "sealed"):
        try:
            label, value, salt = one["label"], one["value"], bytes.fromhex(one["salt"])
            opened = (
                len(one) == 3
                and salt.hex() == one["salt"]
                and commits[label] == hmac.digest(salt, label.encode() + b"\0" + canonical(value), "sha256").hex()
            )
        except (KeyError, TypeError, ValueError, AttributeError):
            opened = False
        if not opened or label in values:
            raise Tampered("a disclosed value is not what the entry committed to", seq)
        values[label] = value
        if label == "sealed" and entry["type"] == SEALED and isinstance(value, dict):
            commits |= value
    stated += [body := values.get("body", entry["body"]), values]
    signed = _check_signatures(seq, body, values["statement"]) if "statement" in values and "signatures" in body else ""
    return f"seq {seq}: {values.get('type', entry['type'])}, {entry['at']}, {len(values)} values disclosed{signed}"


def _json_of(files: dict[str, bytes], name: str, kind: type, seq: int | None = None) -> Any:
    try:
        found = read_json(files.get(name, b""))
    except (ValueError, RecursionError):
        found = None
    if isinstance(found, kind):
        return found
    raise Tampered(f"{name} is missing or malformed", seq)


def read_seen(file: str | None, key: Key, head: Checkpoint) -> Checkpoint | None:
    """Open the checkpoint that the caller kept; a log shorter than it was cut back."""
    if file is None:
        return None
    try:
        kept = open_checkpoint(text_of(read_file(file)), key, any_origin=True)
    except Tampered as fault:
        raise BadInput(f"the checkpoint you kept: {fault}") from None
    if kept.origin != head.origin:
        raise BadInput(f"the checkpoint you kept is of {kept.origin}")
    if kept.size > head.size:
        raise Tampered(f"you kept a checkpoint of {kept.size} entries, the log now signs {head.size}: it was cut back", head.size)
    if kept.size == head.size and kept.root != head.root:
        raise Tampered(f"two signed roots for {head.size} entries: the log shows different histories to different people")
    return kept


def read_file(file: str) -> bytes:
    try:
        return Path(file).read_bytes()
    except OSError as error:
        raise BadInput(f"{file} cannot be read: {error}") from None


def text_of(data: bytes) -> str:
    """UTF-8 text without control characters, as a note must be."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        raise Tampered("a note is not UTF-8") from None
    if re.search(r"[\x00-\x09\x0b-\x1f]", text):
        raise Tampered("a note holds control characters")
    return text


def main(words: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    for name in ("log", "export", "proof", "certificate"):
        command = commands.add_parser(name)
        command.add_argument("place", metavar="DIR_OR_URL" if name == "log" else "FILE")
        command.add_argument("--key", required=True, metavar="VKEY")
        if name == "log":
            command.add_argument("--opaque", action="store_true", help="a foreign log: tree and signature only")
        if name in ("log", "export"):
            command.add_argument("--seen", metavar="NOTE", help="a checkpoint you kept earlier")
    given = parser.parse_args(words)
    try:
        key = read_key(given.key)
        if given.command == "log":
            said = check_log(given.place, key, opaque=given.opaque, seen=given.seen)
        elif given.command == "export":
            said = check_export(given.place, key, seen=given.seen)
        elif given.command == "proof":
            said = check_proof(given.place, key)
        else:
            said = check_certificate(given.place, key)
    except Tampered as fault:
        place = "not to be named 无法指明" if fault.seq is None else str(fault.seq)
        print(f"TAMPERED 已被改动: {fault}\nfirst bad seq 首个有误序号: {place}")
        return TAMPERED
    except BadInput as fault:
        print(f"BAD INPUT 输入有误: {fault}", file=sys.stderr)
        return BAD_INPUT
    print(f"SOUND 完好: {said}")
    return SOUND


if __name__ == "__main__":
    sys.exit(main())
