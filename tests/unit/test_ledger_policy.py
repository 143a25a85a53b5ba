"""Trust policies: what a file may say, what it may not, and who makes a quorum."""

from itertools import combinations

import pytest

from ledger.engine import merkle, policy
from ledger.engine import proof as proofs
from ledger.engine.cosignature import CosigningKey
from ledger.engine.errors import BadNote, BadPolicy, LedgerFault, QuorumMissing
from ledger.engine.notes import Signer
from tests.factories.ledger import ORIGIN, chain, checkpoint, proof

LOG = Signer(ORIGIN, bytes(range(32)))
NAMES = ("X1", "X2", "X3", "Y1", "Y2", "Y3")
KEYS = {name: CosigningKey(f"{name.lower()}.example/w", bytes([number]) * 32) for number, name in enumerate(NAMES, start=1)}
WITNESSES = "".join(f"witness {name} {key.cosigner.vkey}\n" for name, key in KEYS.items())
EXAMPLE = f"""log {LOG.verifier.vkey}

{WITNESSES}
group X-witnesses 2 X1 X2 X3
group Y-witnesses any Y1 Y2 Y3
group X-and-Y all X-witnesses Y-witnesses
quorum X-and-Y
"""
ENTRIES = chain(9)
NOTE = checkpoint(ENTRIES, LOG)
TEXT = NOTE.partition("\n\n")[0] + "\n"


def signed_by(*names):
    return NOTE + "".join(KEYS[name].cosign(TEXT, time=1_772_352_000) for name in names)


def read(text):
    return policy.parse(text.encode())


def test_the_specifications_example_asks_for_two_of_x_and_one_of_y():
    found = read(EXAMPLE)
    for count in range(len(NAMES) + 1):
        for names in combinations(NAMES, count):
            enough = sum(name[0] == "X" for name in names) >= 2 and any(name[0] == "Y" for name in names)
            assert found.met_by([KEYS[name].cosigner for name in names]) is enough, names


@pytest.mark.parametrize(
    ("rule", "enough", "too_few"),
    [
        ("quorum none", [()], []),
        ("quorum X2", [("X2",), ("X1", "X2")], [(), ("X1", "X3")]),
        ("group g any X1 X2\nquorum g", [("X1",), ("X2",)], [("X3",), ()]),
        ("group g all X1 X2\nquorum g", [("X1", "X2")], [("X1",), ("X2",)]),
        ("group g 1 X1\nquorum g", [("X1",)], [()]),
        ("group g 2 X1 X2 X3\ngroup h 2 g Y1 Y2\nquorum h", [("X1", "X3", "Y2"), ("Y1", "Y2")], [("X1", "X2"), ("X1", "Y1")]),
        ("group g 2 X1 X2\ngroup unused any X3\nquorum X3", [("X3",)], [("X1", "X2")]),
    ],
)
def test_a_quorum_is_reached_exactly_as_written(rule, enough, too_few):
    found = read(f"{WITNESSES}{rule}\n")
    assert [found.met_by([KEYS[name].cosigner for name in names]) for names in enough] == [True] * len(enough)
    assert [found.met_by([KEYS[name].cosigner for name in names]) for names in too_few] == [False] * len(too_few)


def test_a_checkpoint_is_valid_when_a_listed_log_signed_it_and_the_quorum_cosigned():
    found = read(EXAMPLE)
    head, cosigned = policy.check(signed_by("X1", "X3", "Y2"), found)
    assert (head.size, [one.cosigner.name for one in cosigned]) == (9, ["x1.example/w", "x3.example/w", "y2.example/w"])
    with pytest.raises(QuorumMissing, match=r"cosigned by x1\.example/w, y2\.example/w"):
        policy.check(signed_by("X1", "Y2"), found)
    with pytest.raises(QuorumMissing, match="nobody"):
        policy.check(NOTE, found)


def test_a_log_that_is_not_listed_is_refused_whoever_cosigned():
    other = Signer("other.example/log", bytes(range(5, 37)))
    found = read(EXAMPLE.replace(LOG.verifier.vkey, other.verifier.vkey))
    with pytest.raises(BadNote, match="no trusted key"):
        policy.check(signed_by(*NAMES), found)
    assert policy.check(signed_by(*NAMES), found, logs=[LOG.verifier])[0].size == 9


def test_a_broken_cosignature_of_a_listed_witness_spoils_the_checkpoint():
    broken = KEYS["X1"].cosign(TEXT.replace("9", "8"), time=1_772_352_000)
    with pytest.raises(BadNote, match="does not hold"):
        policy.check(signed_by("X2", "X3", "Y1") + broken, read(EXAMPLE))


def test_a_proof_needs_entry_log_and_quorum():
    found = read(EXAMPLE)
    for names, refusal in ((("X1", "X2", "Y1"), None), (("X1", "X2"), QuorumMissing)):
        made = proof(ENTRIES, 4, signed_by(*names))
        leaf = merkle.leaf_hash(ENTRIES[4])
        if refusal is None:
            assert proofs.verify_cosigned(proofs.parse(made.to_text()), leaf=leaf, policy=found)[0].size == 9
        else:
            with pytest.raises(refusal):
                proofs.verify_cosigned(made, leaf=leaf, policy=found)
    with pytest.raises(LedgerFault, match="another root"):
        proofs.verify_cosigned(proof(ENTRIES, 4, signed_by(*NAMES)), leaf=merkle.leaf_hash(ENTRIES[5]), policy=found)


def test_addresses_comments_tabs_and_non_ascii_names_are_read():
    found = policy.parse(
        b"# who watches\n\n\t log " + LOG.verifier.vkey.encode() + b" https://log.example/ledger/ \n"
        b" witness  \xe6\xb4\xa5\t" + KEYS["X1"].cosigner.vkey.encode() + b" https://w.example/\n"
        b"witness \xff "
        + KEYS["X2"].cosigner.vkey.encode()
        + b"\n# \xff\n  #quorum none\ngroup \xe6\xa1\xa5 all \xe6\xb4\xa5 \xff\nquorum \xe6\xa1\xa5"
    )
    assert (found.quorum, sorted(found.witnesses)) == ("桥", ["津", "\udcff"])
    assert found.urls == {
        LOG.verifier.vkey: "https://log.example/ledger/",
        KEYS["X1"].cosigner.vkey: "https://w.example/",
    }


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "exactly one quorum"),
        (WITNESSES, "exactly one quorum"),
        ("quorum none\nquorum none\n", "line 2: there is a second quorum"),
        ("quorum X1\n" + WITNESSES, "line 1: no line before"),
        ("group g any X1\n" + WITNESSES + "quorum g\n", "line 1: no line before"),
        (WITNESSES + "group g any none\nquorum g\n", "no line before this one defines none"),
        (WITNESSES + "group g any g\nquorum g\n", "no line before"),
        (WITNESSES + "group none any X1\nquorum none\n", "none is taken"),
        (WITNESSES + "group X1 any X2\nquorum X1\n", "X1 is taken"),
        (WITNESSES + "group g any X1 X1\nquorum g\n", "member twice"),
        (WITNESSES + "group g any X1\ngroup h any X1\nquorum h\n", "member twice"),
        (WITNESSES + "group g any\nquorum g\n", "too few"),
        (WITNESSES + "group g 0 X1\nquorum g\n", "not 0"),
        (WITNESSES + "group g 3 X1 X2\nquorum g\n", "1 to 2"),
        (WITNESSES + "group g 01 X1 X2\nquorum g\n", "not 01"),
        (WITNESSES + "group g some X1 X2\nquorum g\n", "not some"),
        (WITNESSES + WITNESSES.splitlines()[0] + "\nquorum X1\n", "X1 is taken"),
        (WITNESSES + f"witness again {KEYS['X1'].cosigner.vkey}\nquorum X1\n", "key stands here twice"),
        (
            WITNESSES + f"witness again {CosigningKey('renamed.example/w', KEYS['X1'].seed).cosigner.vkey}\nquorum X1\n",
            "key stands here twice",
        ),
        (f"log {LOG.verifier.vkey}\nlog {Signer('b.example/log', LOG.seed).verifier.vkey}\nquorum none\n", "key stands here twice"),
        (f"log {KEYS['X1'].cosigner.vkey}\nquorum none\n", "0x01"),
        (f"witness w {LOG.verifier.vkey}\nquorum w\n", "0x04"),
        (f"witness w {KEYS['X1'].cosigner.vkey} https://w.example/ more\nquorum w\n", "too many words"),
        ("log nonsense\nquorum none\n", "line 1"),
        ("quorum\n", "too few"),
        ("quorum a b\n", "too many"),
        ("Quorum none\n", "does not begin"),
        ("quorum none\r\n", "control characters"),
        ("quorum none\x7f\n", "control characters"),
        ("quorum none\n" + "#\n" * 5000, "4096 lines"),
    ],
)
def test_what_the_specification_forbids_is_refused_with_the_line(text, why):
    with pytest.raises(BadPolicy, match=why):
        read(text)


def test_thirty_two_logs_witnesses_and_groups_and_a_long_chain_of_groups_are_evaluated():
    logs = "".join(f"log {Signer(f'log{n}.example', bytes([n]) * 32).verifier.vkey}\n" for n in range(1, 33))
    keys = [CosigningKey(f"w{n}.example", bytes([n]) * 32).cosigner for n in range(33, 65)]
    witnesses = "".join(f"witness w{n} {key.vkey}\n" for n, key in enumerate(keys))
    chained = "group g0 any w0\n" + "".join(f"group g{n} any g{n - 1} {f'w{n}' if n < 32 else ''}\n" for n in range(1, 2000))
    found = read(f"{logs}{witnesses}{chained}quorum g1999\n")
    assert (len(found.logs), len(found.witnesses), len(found.groups)) == (32, 32, 2000)
    assert found.met_by([keys[0]])
    assert not found.met_by([])
