import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.engine import merkle
from ledger.engine import proof as proofs
from ledger.engine.checkpoint import Checkpoint, open_checkpoint, parse_text
from ledger.engine.errors import BadNote, LedgerFault
from ledger.engine.notes import Signer, Verifier, open_note
from tests.factories.ledger import ORIGIN, VECTORS, WITHOUT_VECTORS, chain, checkpoint, proof

EXAMPLES = VECTORS / "c2sp-specs" / "examples.json"
needs_vectors = pytest.mark.skipif(not EXAMPLES.is_file(), reason=WITHOUT_VECTORS)

SIGNER = Signer(ORIGIN, bytes(range(32)))
ENTRIES = chain(11)
NOTE = checkpoint(ENTRIES, SIGNER)


@needs_vectors
def test_the_specifications_example_note_is_signed_by_the_specifications_example_key():
    example = json.loads(EXAMPLES.read_text())
    verifier = Verifier.parse(example["vkey"])
    assert verifier.vkey == example["vkey"]
    assert open_note(example["note"], [verifier]) == ("This is an example message.\n", [verifier])


@needs_vectors
def test_the_specifications_checkpoint_is_read_past_its_cosignature():
    text = json.loads(EXAMPLES.read_text())["checkpoint_with_cosignature"].split("\n\n")[0] + "\n"
    found = parse_text(text)
    assert (found.origin, found.size) == ("example.com/behind-the-sofa", 20852163)
    assert found.to_text() == text


def test_a_signed_checkpoint_opens_with_its_key_and_says_size_and_root():
    root = merkle.root_of(map(merkle.leaf_hash, ENTRIES))
    assert open_checkpoint(NOTE, [SIGNER.verifier]) == Checkpoint(ORIGIN, 11, root)


def test_no_changed_byte_of_a_checkpoint_is_accepted():
    data = NOTE.encode()
    for place in range(len(data)):
        for bit in range(8):
            mangled = bytearray(data)
            mangled[place] ^= 1 << bit
            with pytest.raises((LedgerFault, UnicodeDecodeError)):
                open_checkpoint(bytes(mangled).decode(), [SIGNER.verifier])


def test_no_changed_character_of_a_verifier_key_is_accepted_as_another_key():
    vkey = SIGNER.verifier.vkey
    accepted = 0
    for place in range(len(vkey)):
        for character in "+A0/a= ":
            if character == vkey[place]:
                continue
            try:
                Verifier.parse(vkey[:place] + character + vkey[place + 1 :])
                accepted += 1
            except BadNote:
                pass
    assert accepted == 0


def test_another_key_of_the_same_name_does_not_open_a_checkpoint():
    with pytest.raises(BadNote, match="no trusted key"):
        open_checkpoint(NOTE, [Signer.generate(ORIGIN).verifier])


def test_a_key_of_another_name_cannot_sign_for_this_log():
    with pytest.raises(BadNote, match="named"):
        Checkpoint(ORIGIN, 11, bytes(32)).sign(Signer.generate("other.example/log"))


def test_signatures_of_strangers_are_passed_over():
    stranger = Signer.generate("witness.example/w").sign(NOTE.partition("\n\n")[0] + "\n")
    both = NOTE + stranger.partition("\n\n")[2]
    assert open_checkpoint(both, [SIGNER.verifier]).size == 11


def test_a_known_key_with_a_broken_second_signature_spoils_the_note():
    lines = NOTE.partition("\n\n")[2]
    with pytest.raises(BadNote):
        open_checkpoint(NOTE + lines[:-6] + "AAA=\n", [SIGNER.verifier])


def test_a_signing_key_reads_back_from_its_text():
    assert Signer.parse(SIGNER.to_text()) == SIGNER
    assert "Signer" in repr(SIGNER)
    assert SIGNER.seed.hex() not in repr(SIGNER)


@given(st.integers(0, 10))
@settings(deadline=None)
def test_a_proof_reads_back_and_holds(seq):
    made = proof(ENTRIES, seq, NOTE)
    read = proofs.parse(made.to_text())
    assert read == made
    assert proofs.verify(read, leaf=merkle.leaf_hash(ENTRIES[seq]), trusted=[SIGNER.verifier]).size == 11


def test_a_proof_of_one_entry_does_not_prove_another():
    with pytest.raises(LedgerFault):
        proofs.verify(proof(ENTRIES, 3, NOTE), leaf=merkle.leaf_hash(ENTRIES[4]), trusted=[SIGNER.verifier])


def test_a_proof_has_the_lines_of_the_specification():
    lines = proof(ENTRIES, 3, NOTE).to_text().split("\n")
    assert lines[0] == "c2sp.org/tlog-proof@v1"
    assert lines[1].startswith("extra ")
    assert lines[2] == "index 3"
    assert lines[lines.index("") + 1] == ORIGIN
