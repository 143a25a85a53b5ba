"""Evidence files of the platform's own making, each changed in one place."""

import io
import json
import zipfile
from collections.abc import Iterator

from ledger import verify as verifier

Files = dict[str, bytes]


def unpacked(evidence: bytes) -> Files:
    with zipfile.ZipFile(io.BytesIO(evidence)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(files: Files, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return held.getvalue()


def mutants(evidence: bytes) -> Iterator[tuple[str, bytes]]:
    """Certificates that were tampered with, each in one place."""
    files = unpacked(evidence)
    for name in sorted(set(files) - {"README.txt"}):
        data = bytearray(files[name])
        data[len(data) // 2] ^= 1
        yield f"a bit of {name}", packed({**files, name: bytes(data)})
        yield f"without {name}", packed({kept: data for kept, data in files.items() if kept != name})
    yield "a file more", packed({**files, "extra.txt": b"x"})
    yield "a document that no entry names", packed({**files, f"documents/{'0' * 64}.txt": b"x"})
    none = '{"documents": {}}'
    spelt = (b"\xef\xbb\xbf" + none.encode(), none.encode("utf-16"), none[:-1].encode() + b', "n": NaN}')
    for listed in (b'{"documents": {"documents/%s.txt": "a.txt"}}' % (b"0" * 64), b'{"documents": []}', b"{}", b"null", b"\xff", *spelt):
        yield f"a certificate that lists {listed!r}", packed({**files, "certificate.json": listed})
    yield "an object twice", packed({**files, "handles.json": verifier.canonical(json.loads(files["handles.json"]) * 2)})
    for name in (name for name in files if name.endswith("disclosures.json")):
        shown = json.loads(files[name])
        yield f"a value twice in {name}", packed({**files, name: verifier.canonical([*shown, shown[0]])})
        first = {**shown[0], "value": "changed"}
        yield f"another value in {name}", packed({**files, name: verifier.canonical([first, *shown[1:]])})
    for held in zipfile.ZipFile(io.BytesIO(evidence)).infolist()[:4]:
        raw = bytearray(evidence)
        raw[held.header_offset + 30 + len(held.filename) + held.compress_size // 2] ^= 1
        yield f"a packed bit of {held.filename}", bytes(raw)
    # Only the checksum speaks for what is written for people to read.
    stored = packed(files, zipfile.ZIP_STORED)
    yield "a bit of the readme", stored.replace("津桥".encode(), "津侥".encode(), 1)
    yield "two files of one name", packed({**files, "README.txU": b"x"}, zipfile.ZIP_STORED).replace(b"README.txU", b"README.txt")
    yield "cut off", evidence[:-30]
    entries = sorted(name for name in files if name.endswith(".tlog-proof"))
    yield "two proofs exchanged", packed({**files, entries[0]: files[entries[1]], entries[1]: files[entries[0]]})
