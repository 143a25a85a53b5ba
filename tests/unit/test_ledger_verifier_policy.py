"""The stranger's verifier asks for cosignatures as a policy says: exit 3 where they are missing, and only where nothing worse is found."""

import json
import random
import re

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger import verify
from ledger.engine import merkle, policy, tiles
from ledger.engine.cosignature import CosigningKey, message
from ledger.engine.errors import LedgerFault, QuorumMissing
from ledger.engine.notes import Signer, signature_line
from tests.factories.ledger import ORIGIN, VECTORS, WITHOUT_VECTORS, chain, checkpoint, proof, write_lines, write_log

EXAMPLES = VECTORS / "c2sp-specs" / "examples.json"
needs_vectors = pytest.mark.skipif(not EXAMPLES.is_file(), reason=WITHOUT_VECTORS)

LOG = Signer(ORIGIN, bytes(range(32)))
KEY = LOG.verifier.vkey
NAMES = ("a", "b", "c")
KEYS = {name: CosigningKey(f"{name}.example/w", bytes([number]) * 32) for number, name in enumerate(NAMES, start=1)}
WITNESSES = "".join(f"witness {name} {key.cosigner.vkey}\n" for name, key in KEYS.items())
TWO_OF_THREE = f"log {KEY}\n{WITNESSES}group w 2 a b c\nquorum w\n"
ENTRIES = chain(6)
MOMENT = 1_772_352_000


def cosigned(*names, entries=ENTRIES):
    note = checkpoint(entries, LOG)
    text = note.partition("\n\n")[0] + "\n"
    return note + "".join(KEYS[name].cosign(text, time=MOMENT) for name in names)


@pytest.fixture
def carry(tmp_path):
    """Write a log in each of the ways that the verifier reads, and return command and place."""

    def put(command, note, entries=ENTRIES):
        if command == "log":
            return ["log", str(write_log(tmp_path / "log", entries, note))]
        if command == "export":
            return ["export", str(write_lines(tmp_path / "entries.jsonl", entries, note))]
        (tmp_path / "one.tlog-proof").write_text(proof(entries, 2, note).to_text())
        return ["proof", str(tmp_path / "one.tlog-proof")]

    return put


@pytest.fixture
def asking_for(tmp_path):
    def write(text):
        file = tmp_path / "policy"
        file.write_bytes(text.encode("utf-8", "surrogateescape"))
        return ["--policy", str(file)]

    return write


@pytest.mark.parametrize("command", ["log", "export", "proof"])
@pytest.mark.parametrize(("names", "code"), [((), 3), (("a",), 3), (("a", "c"), 0), (("b", "c"), 0), (("a", "b", "c"), 0)])
def test_the_quorum_decides_between_sound_and_three(command, names, code, carry, asking_for):
    words = [*carry(command, cosigned(*names)), "--key", KEY, *asking_for(TWO_OF_THREE)]
    assert verify.main(words) == code
    # Without a policy no witness is asked for.
    assert verify.main(words[:4]) == 0


def test_who_cosigned_is_said(carry, asking_for, capsys):
    for names, said in ((("a", "b"), "SOUND.*cosigned by a.example/w, b.example/w"), ((), "QUORUM MISSING.*cosigned by: nobody")):
        verify.main([*carry("log", cosigned(*names)), "--key", KEY, *asking_for(TWO_OF_THREE)])
        assert re.search(said, capsys.readouterr().out)


@pytest.mark.parametrize("command", ["log", "export"])
def test_tampering_outranks_a_missing_quorum(command, carry, asking_for, capsys):
    entries = [*ENTRIES[:3], ENTRIES[3].replace(b"title", b"TITLE"), *ENTRIES[4:]]
    assert verify.main([*carry(command, cosigned(), entries), "--key", KEY, *asking_for(TWO_OF_THREE)]) == 1
    assert "first bad seq 首个有误序号: 3" in capsys.readouterr().out


def test_a_broken_cosignature_of_a_listed_witness_is_tampering_and_of_a_stranger_nothing(carry, asking_for):
    good = cosigned("a", "b")
    broken = KEYS["c"].cosign("another\n", time=MOMENT)
    assert verify.main([*carry("log", good + broken), "--key", KEY, *asking_for(TWO_OF_THREE)]) == 1
    stranger = CosigningKey("stranger.example/w", bytes(32)).cosign("another\n", time=MOMENT)
    assert verify.main([*carry("log", good + stranger), "--key", KEY, *asking_for(TWO_OF_THREE)]) == 0
    # Signed by its own key, but at a time that no cosignature may have.
    text, never = good.partition("\n\n")[0] + "\n", 2**63
    signed = Ed25519PrivateKey.from_private_bytes(KEYS["c"].seed).sign(message(text, never).encode())
    late = signature_line("c.example/w", KEYS["c"].cosigner.id + never.to_bytes(8, "big") + signed)
    assert verify.main([*carry("log", good + late), "--key", KEY, *asking_for(TWO_OF_THREE)]) == 1


def test_a_log_that_the_policy_does_not_list_is_refused(carry, asking_for):
    other = Signer("other.example/log", bytes(range(9, 41))).verifier.vkey
    words = [*carry("log", cosigned("a", "b")), "--key", KEY]
    assert verify.main([*words, *asking_for(TWO_OF_THREE.replace(KEY, other))]) == 1
    assert verify.main([*words, *asking_for(TWO_OF_THREE.partition("\n")[2])]) == 0  # without any, the log is known from the key


@pytest.mark.parametrize(
    "text",
    [
        "", "quorum none\nquorum none\n", "quorum x\n", "group g any\nquorum g\n", WITNESSES,
        WITNESSES + "group g 4 a b c\nquorum g\n", WITNESSES + "group g 0 a\nquorum g\n", WITNESSES + "group g 01 a\nquorum g\n",
        WITNESSES + "group g any a a\nquorum g\n", WITNESSES + "group g any a\ngroup h any a\nquorum h\n",
        WITNESSES + "group a any b\nquorum a\n", WITNESSES + "group none any b\nquorum b\n",
        WITNESSES + "group g any none\nquorum g\n", "quorum a\n" + WITNESSES,
        WITNESSES + f"witness d {KEYS['a'].cosigner.vkey}\nquorum d\n",
        f"log {KEY}\nlog {KEY}\nquorum none\n", f"witness w {KEY}\nquorum w\n", f"log {KEYS['a'].cosigner.vkey}\nquorum none\n",
        "log x\nquorum none\n", "quorum none\r\n", "quorum none\x00\n", "quorum\n", "quorum none none\n", "hello\nquorum none\n",
        f"witness none {KEYS['a'].cosigner.vkey}\nquorum none\n", f"witness w {KEYS['a'].cosigner.vkey} u v\nquorum w\n",
    ],
)  # fmt: skip
def test_a_malformed_policy_is_bad_input_for_the_verifier_and_refused_by_the_engine(text, carry, asking_for):
    assert verify.main([*carry("log", cosigned("a", "b", "c")), "--key", KEY, *asking_for(text)]) == 2
    with pytest.raises(LedgerFault):
        policy.parse(text.encode())


def test_a_missing_policy_file_is_bad_input(carry, tmp_path):
    assert verify.main([*carry("log", cosigned()), "--key", KEY, "--policy", str(tmp_path / "none")]) == 2


def random_policy(chance):
    """Nested groups over many witnesses, in any of the spellings."""
    keys = [CosigningKey(f"w{n}.example", bytes([n]) * 32) for n in range(1, chance.randrange(2, 9))]
    lines = [f"witness w{n} {key.cosigner.vkey}{chance.choice(['', ' https://w.example/'])}" for n, key in enumerate(keys)]
    free = [f"w{n}" for n in range(len(keys))]
    for number in range(chance.randrange(1, 5)):
        members = chance.sample(free, chance.randrange(1, len(free) + 1))
        count = chance.choice(["all", "any", str(chance.randrange(1, len(members) + 1))])
        lines += ["", f"\tgroup g{number}  {count} \t{' '.join(members)} ", "# 组"]
        free = [one for one in free if one not in members] + [f"g{number}"]
    quorum = chance.choice([*free, "none"])
    return "\n".join([*lines, f"quorum {quorum}"]) + "\n", keys


def test_the_two_readings_of_the_policy_specification_agree(seed, tmp_path):
    chance, met = random.Random(seed), []
    note = checkpoint(ENTRIES, LOG)
    text = note.partition("\n\n")[0] + "\n"
    for _ in range(150):
        written, keys = random_policy(chance)
        signed = note + "".join(key.cosign(text, time=MOMENT) for key in keys if chance.random() < 0.5)
        (tmp_path / "policy").write_text(written)
        engine = verifier = True
        try:
            policy.check(signed, policy.parse(written.encode()), logs=[LOG.verifier])
        except QuorumMissing:
            engine = False
        try:
            verify.Policy(str(tmp_path / "policy")).check(signed)
        except verify.QuorumMissing:
            verifier = False
        assert engine is verifier, written
        met.append(engine)
    assert {True, False} == set(met)


@needs_vectors
def test_the_specifications_notes_are_read():
    example = json.loads(EXAMPLES.read_text())
    assert verify.signed_text(example["note"], verify.read_key(example["vkey"])) == "This is an example message.\n"
    assert verify.signed_text(example["checkpoint_with_cosignature"], verify.read_key(example["vkey"])) is None
    text = "Ognuno sta solo\n\ned è subito sera. 津桥\n"
    assert verify.signed_text(LOG.sign(text), verify.read_key(KEY)) == text


LINE = checkpoint(ENTRIES, LOG).partition("\n\n")[2]
BODY = checkpoint(ENTRIES, LOG).partition("\n\n")[0]


@pytest.mark.parametrize(
    "note",
    [
        BODY + "\n" + LINE, BODY + "\n\n", BODY + "\n\n" + LINE[:-1], BODY + "\n\n" + LINE + "\n", BODY + "\n\n" + LINE + "hello\n",
        BODY + "\n\n" + LINE.replace(ORIGIN, "a+b"), BODY + "\n\n" + LINE.replace(ORIGIN, "a b"),
        BODY + "\n\n" + LINE.replace(ORIGIN, "a\u3000b"), BODY + "\n\n" + LINE.replace("\u2014", "-"),
        BODY + "\n\n\u2014 x.example AAAA\n" + LINE, BODY + "\n\n\u2014 x.example AAAAAA=\n" + LINE,
        BODY.replace("6", "6\r") + "\n\n" + LINE, BODY + "\x00\n\n" + LINE, BODY + "\t\n\n" + LINE,
    ],
)  # fmt: skip
def test_malformed_notes_are_refused(note, tmp_path):
    with pytest.raises(verify.Tampered):
        verify.signed_text(note, verify.read_key(KEY))
    folder = write_log(tmp_path / "log", ENTRIES, checkpoint(ENTRIES, LOG))
    (folder / "checkpoint").write_bytes(note.encode())
    assert verify.main(["log", str(folder), "--key", KEY]) == 1


def test_a_note_that_is_not_utf_8_is_refused(tmp_path):
    folder = write_log(tmp_path / "log", ENTRIES, checkpoint(ENTRIES, LOG))
    for wrong in (b"\xff", b"\xed\xa0\x80", b"\xc0\x80"):
        (folder / "checkpoint").write_bytes(checkpoint(ENTRIES, LOG).encode() + "— x.example ".encode() + wrong + b"\n")
        assert verify.main(["log", str(folder), "--key", KEY]) == 1


def test_a_key_whose_id_does_not_belong_to_it_is_bad_input(tmp_path):
    folder = write_log(tmp_path / "log", ENTRIES, checkpoint(ENTRIES, LOG))
    name, identifier, encoded = KEY.split("+", 2)
    for wrong in (f"{name}+{identifier[::-1]}+{encoded}", f"x{KEY}", f"{name}+{identifier.upper()}+{encoded}", KEYS["a"].cosigner.vkey):
        assert verify.main(["log", str(folder), "--key", wrong]) == 2


def test_a_foreign_log_cosigned_by_others_is_read_as_opaque(tmp_path, asking_for):
    entries = [b"not ours", b"\x00\x01", b"x" * 60_000]
    foreign = Signer("foreign.example/log", bytes(range(11, 43)))
    note = checkpoint(entries, foreign)
    note += KEYS["a"].cosign(note.partition("\n\n")[0] + "\n", time=MOMENT)
    folder = write_log(tmp_path / "log", entries, note)
    words = ["log", str(folder), "--key", foreign.verifier.vkey, "--opaque"]
    assert verify.main([*words, *asking_for(f"log {foreign.verifier.vkey}\n{WITNESSES}quorum a\n")]) == 0
    assert verify.main([*words, *asking_for(f"{WITNESSES}quorum b\n")]) == 3
    assert verify.main(words[:-1]) == 1


def test_inclusion_is_judged_as_the_engine_judges_it(seed):
    chance = random.Random(seed)
    leaves = [merkle.leaf_hash(bytes([number])) for number in range(40)]
    for _ in range(300):
        size = chance.randrange(1, 40)
        index = chance.randrange(size)
        kept = tiles.grow(lambda level, index: b"", 0, leaves[:size])
        path = merkle.inclusion_proof(tiles.subtree_hashes(lambda level, place, kept=kept: kept[level, place]), index, size)
        root = merkle.root_of(leaves[:size])
        assert verify.root_above(leaves[index], index, size, path) == root
        for wrong in (path[:-1], [*path, bytes(32)], path[::-1]):
            assert wrong == path or verify.root_above(leaves[index], index, size, wrong) != root
