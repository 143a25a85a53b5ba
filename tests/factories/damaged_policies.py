"""Policies, cosigned notes and keys for the verifier: what is well formed and met, and each way in which it is not."""

from collections.abc import Iterator
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger.engine import rotation
from ledger.engine.checkpoint import countersign
from ledger.engine.cosignature import CosigningKey, message
from ledger.engine.notes import Signer, signature_line
from tests.factories.ledger import ORIGIN, chain, checkpoint, intent, proof, write_log

SIGNER = Signer(ORIGIN, bytes(range(32)))
KEY = SIGNER.verifier.vkey
WITNESSES = [CosigningKey(f"{name}.example/w", bytes([number]) * 32) for number, name in enumerate("abc", start=1)]
A, B, C = (f"witness {name} {key.cosigner.vkey}\n" for name, key in zip("abc", WITNESSES, strict=True))
ALL = A + B + C
MOMENT = 1_772_352_000
MET = [
    *("quorum none\n", f"# words\n\nlog {KEY}\nquorum none\n", f"log {KEY} https://log.example\nquorum none\n"),
    *(A + "quorum a\n", A + "quorum none\n", ALL + "group g any a c\nquorum g\n", ALL + "group g 1 b a\nquorum g\n"),
    *(ALL + "group g all a b\nquorum g\n", ALL + "group g 2 a b c\nquorum g\n", ALL + "group g any a\ngroup h 2 g b\nquorum h\n"),
    f"witness a {WITNESSES[0].cosigner.vkey} https://a.example\nquorum a\n",
]
NOT_MET = [
    *(C + "quorum c\n", ALL + "group g all a b c\nquorum g\n", ALL + "group g 3 a b c\nquorum g\n", ALL + "group g all a c\nquorum g\n"),
    *(ALL + "group g all a c\ngroup h any g\nquorum h\n", ALL + "group g 2 a c\nquorum g\n"),
]
MALFORMED = [
    *("", "quorum none\nquorum none\n", "quorum x\n", "group g any\nquorum g\n", ALL, ALL + "group g 4 a b c\nquorum g\n"),
    *(
        ALL + "group g 0 a\nquorum g\n",
        ALL + "group g 01 a\nquorum g\n",
        ALL + "group g x a\nquorum g\n",
        ALL + "group g any a a\nquorum g\n",
    ),
    *(ALL + "group g any a\ngroup h any a\nquorum h\n", ALL + "group a any b\nquorum a\n", ALL + "group none any b\nquorum b\n"),
    *(ALL + "group g any none\nquorum g\n", "quorum a\n" + ALL, A + f"witness d {WITNESSES[0].cosigner.vkey}\nquorum d\n"),
    *(A + f"witness a {WITNESSES[1].cosigner.vkey}\nquorum a\n", f"witness none {WITNESSES[0].cosigner.vkey}\nquorum none\n"),
    *(f"log {KEY}\nlog {KEY}\nquorum none\n", f"witness w {KEY}\nquorum w\n", "log x\nquorum none\n", "quorum none\x00\n"),
    *(
        "quorum none\r\n",
        "quorum\n",
        "hello\nquorum none\n",
        "quorum none\nhello\n",
        ALL + "group g any a z\nquorum g\n",
        "# \x07\nquorum none\n",
    ),
]


def questions(folder: Path) -> Iterator[list[object]]:
    """A log that two witnesses cosigned, held against each policy; notes with odd cosignatures; keys; and statements of keys."""
    entries = chain(6)
    note = checkpoint(entries, SIGNER)
    text = note.partition("\n\n")[0] + "\n"
    cosigned = note + "".join(key.cosign(text, time=MOMENT) for key in WITNESSES[:2])
    place = write_log(folder / "cosigned", entries, cosigned)
    (folder / "cosigned.tlog-proof").write_text(proof(entries, 2, cosigned).to_text())
    for number, policy in enumerate([*MET, *NOT_MET, *MALFORMED]):
        (folder / f"policy {number}").write_text(policy, newline="")
        yield ["log", place, "--key", KEY, "--policy", folder / f"policy {number}"]
    yield ["proof", folder / "cosigned.tlog-proof", "--key", KEY, "--policy", folder / f"policy {len(MET)}"]
    yield ["log", place, "--key", KEY, "--policy", folder / "no such policy"]
    yield from _of_logs(folder, place)
    yield from _of_cosignatures(folder, entries, note, text)
    for wrong in ("nonsense", KEY[:-3] + "AAA", WITNESSES[0].cosigner.vkey, KEY.replace("+", "+0", 1)[:-1]):
        yield ["log", place, "--key", wrong]
    yield from _of_statements(folder)


def _of_logs(folder: Path, place: Path) -> Iterator[list[object]]:
    """Logs that the policy lists or does not; one of another name may have our key."""
    stranger, renamed = Signer(ORIGIN, bytes(32)), Signer("other.example/log", SIGNER.seed)
    for name, signers in {"a stranger": [stranger], "both": [stranger, SIGNER], "renamed": [renamed]}.items():
        file = folder / f"policy of {name}"
        file.write_text("".join(f"log {one.verifier.vkey}\n" for one in signers) + "quorum none\n")
        yield ["log", place, "--key", KEY, "--policy", file]
    # A foreign checkpoint under the name of a log that the policy lists, and signed by it: the name in the note is another.
    entries = [b"one", b"two"]
    noted = checkpoint(entries, stranger).replace(ORIGIN, "else.example/log", 1)
    text = noted.partition("\n\n")[0] + "\n"
    signed = stranger.sign(text)
    words = ["log", write_log(folder / "else", entries, signed), "--key", stranger.verifier.vkey, "--opaque"]
    yield from (words, [*words, "--policy", folder / "policy of a stranger"])


def _of_cosignatures(folder: Path, entries: list[bytes], note: str, text: str) -> Iterator[list[object]]:
    (folder / "a").write_text(A + "quorum a\n")
    key = WITNESSES[0]
    late = 2**63
    beyond = Ed25519PrivateKey.from_private_bytes(key.seed).sign(message(text, late).encode())
    lines = {
        "twice": key.cosign(text, time=MOMENT) + key.cosign(text, time=MOMENT + 1),
        "over another text": key.cosign(text.replace("\n6\n", "\n5\n"), time=MOMENT),
        "one of two broken": key.cosign(text, time=MOMENT) + key.cosign(text + "more\n", time=MOMENT),
        "too late": signature_line(key.name, key.verifier.id + late.to_bytes(8, "big") + beyond),
        "too short": signature_line(key.name, key.verifier.id + bytes(8)),
        "of the same name": signature_line(key.name, bytes(4) + bytes(72)),
        "of the same id": signature_line("w.example", key.verifier.id + bytes(72)),
    }
    for name, line in lines.items():
        place = write_log(folder / f"cosigned {name}", entries, note + line)
        yield ["log", place, "--key", KEY, "--policy", folder / "a"]
    place = write_log(
        folder / "same name",
        entries,
        note + signature_line(ORIGIN, bytes(68)) + signature_line("w.example", SIGNER.verifier.id + bytes(64)),
    )
    yield ["log", place, "--key", KEY]


def _of_statements(folder: Path) -> Iterator[list[object]]:
    """Statements of keys that say what they may, and each that says more; the checkpoint is signed by the last one named."""
    first, second, third, thief = (Signer(ORIGIN, bytes([number]) * 32) for number in range(11, 15))
    elsewhere = Signer("other.example/log", bytes([15]) * 32)

    def added(new: Signer, by: Signer) -> tuple[str, dict[str, str]]:
        return rotation.ADDED, rotation.added(new, by=by)

    def retired(former: Signer, by: Signer) -> tuple[str, dict[str, str]]:
        return rotation.RETIRED, rotation.retired(former.verifier, by=by)

    only_by = rotation.ADDED, {**rotation.added(second, by=first), "note": first.sign(rotation.statement(rotation.ADDED, second.verifier))}
    of_another = rotation.ADDED, {**rotation.added(third, by=first), "vkey": second.verifier.vkey}
    as_retired = rotation.RETIRED, rotation.added(second, by=first)
    text = f"{ORIGIN}\n{rotation.ADDED}\n{elsewhere.verifier.vkey}\n"
    named_ours = rotation.ADDED, {**rotation.added(elsewhere, by=first), "note": countersign(first.sign(text), elsewhere)}
    cases = {
        "two in a row": ([added(second, first), added(third, second)], third),
        "by a stranger": ([added(second, thief)], second),
        "by a key that was retired": ([added(second, first), retired(first, second), added(third, first)], third),
        "of another name": ([added(elsewhere, first)], first),
        "of another name, said under ours": ([named_ours], first),
        "the former retired": ([added(second, first), retired(first, second)], second),
        "the former retired, and signing": ([added(second, first), retired(first, second)], first),
        "itself retired": ([retired(first, first)], first),
        "a later one retired": ([added(second, first), retired(second, first)], second),
        "retired and added again": ([added(second, first), retired(first, second), added(first, second)], first),
        "added twice and retired once": ([added(second, first), added(second, first), retired(first, second)], second),
        "signed by one alone": ([only_by], second),
        "said of another": ([of_another], second),
        "added as retired": ([as_retired], second),
        "a retirement of what it added": ([added(second, first), (rotation.ADDED, retired(first, second)[1])], first),
        "a stranger retired": ([retired(third, first)], third),
        "the former added again": ([added(second, first), added(first, second)], first),
        "no words": ([(rotation.ADDED, {"vkey": 1})], first),
    }
    for name, (said, signer) in cases.items():

        def make(number: int, said: list[tuple[str, dict[str, str]]] = said) -> bytes:
            if not 0 <= number - 1 < len(said):
                return intent(number)
            kind, body = said[number - 1]
            return intent(number, type=kind, body=body)

        entries = chain(6, make=make)
        yield ["log", write_log(folder / f"statements {name}", entries, checkpoint(entries, signer)), "--key", first.verifier.vkey]
        if name == "of another name, said under ours":
            text = checkpoint(entries, first).partition("\n\n")[0] + "\n"
            yield ["log", write_log(folder / "signed elsewhere", entries, elsewhere.sign(text)), "--key", first.verifier.vkey]
    other = [intent(number, type="demand.published", body=rotation.added(second, by=first)) for number in range(4)]
    entries = chain(4, make=lambda number: other[number])
    yield ["log", write_log(folder / "statements of no kind", entries, checkpoint(entries, second)), "--key", first.verifier.vkey]
