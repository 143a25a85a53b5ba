"""Evidence files for the verifier: an honest one, and each kind of damage that one of its checks is there for."""

import hashlib
import warnings
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger.engine import canonical, commitment
from ledger.engine.notes import Signer
from tests.factories.ledger import ORIGIN, chain, checkpoint, intent, proof

SIGNER = Signer(ORIGIN, bytes(range(32)))
KEY = SIGNER.verifier.vkey
SECRET, SALTS = bytes(range(32)), [bytes([number]) * 32 for number in range(6)]
STATEMENT = '{"version":1}'
DOCUMENT = b"the very text"
DOCUMENT_HASH = hashlib.sha256(DOCUMENT).hexdigest()
LISTED = f"documents/{DOCUMENT_HASH}.txt"
Files = dict[str, bytes]


def evidence_files() -> Files:
    """What an evidence file holds: one public and one sealed entry of one object."""
    inner = {"type": commitment.commit(SALTS[1], "type", "bid.submitted"), "price": commitment.commit(SALTS[2], "price", 12_000)}

    def make(seq: int) -> bytes:
        if seq == 1:
            return intent(1, subject=commitment.subject_handle(SECRET), commit={"person": commitment.commit(SALTS[0], "person", "张三")})
        return _sealed(2, inner) if seq == 2 else intent(seq)

    shown = {
        1: [_told("person", "张三", SALTS[0])],
        2: [_told("price", 12_000, SALTS[2]), _told("sealed", inner, SALTS[3]), _told("type", "bid.submitted", SALTS[1])],
    }
    return _files(chain(5, make=make), shown)


def signed_files() -> Files:
    """The same of an agreement: its signatures, its statement and its text."""
    party = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
    made = {
        "public_key": party.public_key().public_bytes_raw().hex(),
        "signature": party.sign(b"jinqiao/agreement/v1\n" + STATEMENT.encode()).hex(),
    }
    body = {"document_sha256": DOCUMENT_HASH, "signatures": [made]}
    commit = {"statement": commitment.commit(SALTS[0], "statement", STATEMENT), "other": commitment.commit(SALTS[1], "other", "x")}
    entries = chain(3, make=lambda seq: intent(seq, subject=commitment.subject_handle(SECRET), body=body, commit=commit))
    told = [_told("statement", STATEMENT, SALTS[0])]
    beside = {LISTED: DOCUMENT, "certificate.json": canonical.encode({"documents": {LISTED: "agreement.txt"}})}
    return _files(entries, {1: told}) | beside


def packed(path: Path, files: Mapping[str, bytes], *more: tuple[str, bytes]) -> Path:
    """Write an evidence file; `more` are files whose names may stand in it already."""
    # Of two files of one name the module itself warns.
    with warnings.catch_warnings(action="ignore"), zipfile.ZipFile(path, "w") as archive:
        for name, data in [*files.items(), *more]:
            archive.writestr(zipfile.ZipInfo(name), data)
    return path


def questions(folder: Path) -> Iterator[list[object]]:
    """About each of them; the first ones are honest."""
    plain, signed = evidence_files(), signed_files()
    changed: dict[str, Files] = {"honest evidence": plain, "signed evidence": signed}
    changed |= dict(_of_shape(plain))
    changed |= dict(_of_values(plain))
    changed |= dict(_of_documents(signed))
    for name, files in changed.items():
        yield ["certificate", packed(folder / f"{name}.zip", files), "--key", KEY]
    yield ["certificate", packed(folder / "a name twice.zip", plain, ("README.txt", b"other words")), "--key", KEY]
    damaged = bytearray((folder / "honest evidence.zip").read_bytes())
    damaged[damaged.index(b"words")] ^= 1
    (folder / "damaged.zip").write_bytes(damaged)
    yield ["certificate", folder / "damaged.zip", "--key", KEY]
    # It says of itself that it is larger than it may be.
    large = bytearray((folder / "honest evidence.zip").read_bytes())
    place = large.index(b"PK\x01\x02") + 24
    large[place : place + 4] = (2**31).to_bytes(4, "little")
    (folder / "large.zip").write_bytes(large)
    yield ["certificate", folder / "large.zip", "--key", KEY]
    (folder / "no zip.zip").write_bytes(b"words")
    yield ["certificate", folder / "no zip.zip", "--key", KEY]


def _of_shape(files: Files) -> Iterator[tuple[str, Files]]:
    secret = SECRET.hex()
    lists: dict[str, Any] = {"no secret": [], "one twice": [secret, secret], "one more": [secret, "ab" * 32], "another": ["ab" * 32],
                             "no hex": [secret, "xyz"], "no list": {"a": secret}}  # fmt: skip
    for name, secrets in lists.items():
        yield f"handles {name}", files | {"handles.json": canonical.encode(secrets)}
    entries = {name for name in files if name.startswith("entries/")}
    yield "no entry", {name: data for name, data in files.items() if name not in entries}
    yield "no entry and no secret", {name: data for name, data in files.items() if name not in entries} | {"handles.json": b"[]"}
    yield "a file more", files | {"stranger.txt": b"x"}
    yield "a file less", {name: data for name, data in files.items() if name != "README.txt"}
    yield "an entry more", files | {"entries/9.json": files["entries/1.json"]}
    yield "another key", files | {"log.vkey": Signer(ORIGIN, bytes(32)).verifier.vkey.encode()}
    yield "another entry beside its proof", files | {"entries/1.json": files["entries/2.json"]}
    yield "another first line", files | {"entries/1.tlog-proof": files["entries/1.tlog-proof"].replace(b"v1", b"v2", 1)}
    yield "another proof", files | {"entries/1.tlog-proof": files["entries/2.tlog-proof"]}
    number = {name.replace("/2.", "/4."): data for name, data in files.items() if "/2." in name}
    yield "another number", {name: data for name, data in files.items() if "/2." not in name} | number


def _of_values(files: Files) -> Iterator[tuple[str, Files]]:
    first, second = "entries/1.disclosures.json", "entries/2.disclosures.json"
    (person,), (price, sealed, kind) = canonical.decode(files[first]), canonical.decode(files[second])
    for name, shown in {
        "nothing": [],
        "another value": [person | {"value": "李四"}],
        "another salt": [person | {"salt": "00" * 31 + "01"}],
        "a salt in another spelling": [person | {"salt": person["salt"] + " "}],
        "another label": [person | {"label": "name"}],
        "one more field": [person | {"more": 1}],
        "a value twice": [person, person],
        "no map": ["person"],
        "no list": {"person": "张三"},
        "an envelope where none is": [person, _told("sealed", {"price": price["salt"]}, SALTS[3])],
    }.items():
        yield f"shown {name}", files | {first: canonical.encode(shown)}
    yield "shown in another spelling", files | {first: files[first].replace(b'":"', b'": "', 1)}
    for name, shown in {
        "without its envelope": [price, kind],
        "its envelope last": [price, kind, sealed],
        "its envelope twice": [price, sealed, kind, sealed],
        "beside a word": [price, sealed, kind, "word"],
        "its envelope alone": [sealed],
        "another type": [price, sealed, kind | {"value": "bid.withdrawn"}],
    }.items():
        yield f"sealed {name}", files | {second: canonical.encode(shown)}
    # A committed field that is named like an envelope, in an entry that is not sealed, opens nothing.
    inner = {"price": commitment.commit(SALTS[2], "price", 12_000)}
    open_one = {"sealed": commitment.commit(SALTS[3], "sealed", inner)}
    entries = chain(3, make=lambda seq: intent(seq, subject=commitment.subject_handle(SECRET), commit=open_one))
    yield "an envelope in the open", _files(entries, {1: [_told("sealed", inner, SALTS[3]), _told("price", 12_000, SALTS[2])]})
    no_map = {"sealed": commitment.commit(SALTS[3], "sealed", "words")}
    entries = chain(3, make=lambda seq: _sealed(seq, "words", no_map))
    yield "an envelope that is no map", _files(entries, {1: [_told("sealed", "words", SALTS[3])]})
    two = commitment.commit(SALTS[4], "other", inner)
    entries = chain(3, make=lambda seq: _sealed(seq, {"other": two}))
    other = [_told("other", inner, SALTS[4]), _told("price", 12_000, SALTS[2]), _told("sealed", {"other": two}, SALTS[3])]
    yield "a map that is no envelope", _files(entries, {1: other})


def _of_documents(files: Files) -> Iterator[tuple[str, Files]]:
    def listing(**documents: Any) -> bytes:
        return canonical.encode({"documents": documents})

    other = hashlib.sha256(b"other").hexdigest()
    yield "another text", files | {LISTED: DOCUMENT + b" "}
    stranger = f"documents/{other}.txt"
    yield "a text that no entry names", files | {stranger: b"other", "certificate.json": listing(**{LISTED: "a", stranger: "b"})}
    yield "a text under another hash", files | {stranger: DOCUMENT, "certificate.json": listing(**{LISTED: "a", stranger: "b"})}
    yield "a text left out", {name: data for name, data in files.items() if name != LISTED}
    yield "a text that is not listed", files | {"certificate.json": listing()}
    for name, said in {
        "no map of documents": b'{"documents": 1}',
        "a list of documents": canonical.encode({"documents": [LISTED]}),
        "no documents": b"{}",
        "a list": b"[]",
        "no utf-8": b"\xff",
        "a byte order mark": b"\xef\xbb\xbf" + files["certificate.json"],
        "utf-16": files["certificate.json"].decode().encode("utf-16"),
        "no number": files["certificate.json"][:-1] + b',"n":NaN}',
    }.items():
        yield f"summary with {name}", files | {"certificate.json": said}
    yield "without a summary", {name: data for name, data in files.items() if name != "certificate.json"}
    name = "entries/1.disclosures.json"
    forged = chain(
        3,
        make=lambda seq: intent(
            seq,
            subject=commitment.subject_handle(SECRET),
            body=canonical.decode(files["entries/1.json"])["body"],
            commit={"statement": commitment.commit(SALTS[0], "statement", STATEMENT + " ")},
        ),
    )
    yield "another statement", _files(forged, {1: [_told("statement", STATEMENT + " ", SALTS[0])]})
    yield "without its statement", files | {name: b"[]"}
    plain = chain(
        3,
        make=lambda seq: intent(seq, subject=commitment.subject_handle(SECRET), commit=canonical.decode(files["entries/1.json"])["commit"]),
    )
    yield "a statement without signatures", _files(plain, {1: [_told("statement", STATEMENT, SALTS[0])]})


def _files(entries: list[bytes], shown: Mapping[int, list[dict[str, Any]]]) -> Files:
    note = checkpoint(entries, SIGNER)
    files = {"README.txt": b"words", "log.vkey": f"{KEY}\n".encode(), "handles.json": canonical.encode([SECRET.hex()])}
    for seq, disclosures in shown.items():
        files[f"entries/{seq}.json"] = entries[seq]
        files[f"entries/{seq}.tlog-proof"] = proof(entries, seq, note).to_text().encode()
        files[f"entries/{seq}.disclosures.json"] = canonical.encode(disclosures)
    return files


def _sealed(seq: int, inner: Any, commit: dict[str, str] | None = None) -> bytes:
    name = canonical.decode(intent(seq))["id"]
    return intent(
        seq,
        type="sealed.v1",
        body={},
        commit=commit or {"sealed": commitment.commit(SALTS[3], "sealed", inner)},
        subject=commitment.subject_handle(SECRET, sealed_in=name),
        actor=commitment.actor_handle(SECRET, "x", sealed_in=name),
    )


def _told(label: str, value: Any, salt: bytes) -> dict[str, Any]:
    return {"label": label, "value": value, "salt": salt.hex()}
