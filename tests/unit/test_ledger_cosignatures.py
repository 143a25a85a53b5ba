"""Cosignatures and notes with many signatures, held against the specification's examples."""

import base64
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.engine.checkpoint import open_checkpoint
from ledger.engine.cosignature import Cosigner, CosigningKey, cosignatures, message, time_of
from ledger.engine.errors import BadNote
from ledger.engine.notes import Signer, Verifier, key_id, open_note, read_line, signature_line, split
from tests.factories.ledger import ORIGIN, VECTORS, WITHOUT_VECTORS, chain, checkpoint

EXAMPLES = VECTORS / "c2sp-specs" / "examples.json"
needs_vectors = pytest.mark.skipif(not EXAMPLES.is_file(), reason=WITHOUT_VECTORS)

LOG = Signer(ORIGIN, bytes(range(32)))
WITNESS = CosigningKey("witness.example/w1", bytes(range(1, 33)))
OTHER = CosigningKey("witness.example/w2", bytes(range(2, 34)))
NOTE = checkpoint(chain(5), LOG)
TEXT = NOTE.partition("\n\n")[0] + "\n"
MOMENT = 1_772_352_000


@needs_vectors
def test_the_specifications_cosignature_is_read_to_its_name_time_and_signed_message():
    example = json.loads(EXAMPLES.read_text())
    text, signatures = split(example["checkpoint_with_cosignature"])
    assert [one.name for one in signatures] == ["example.com/behind-the-sofa", "witness.example.com/w1"]
    assert time_of(signatures[1].data) == 1679315147
    assert message(text, 1679315147) == example["cosignature_v1_body"]
    assert text + "\n" + "".join(one.line for one in signatures) == example["checkpoint_with_cosignature"]


def test_a_cosigners_key_id_and_vkey_are_made_as_the_specification_says():
    public = WITNESS.cosigner.public
    assert WITNESS.cosigner.id == key_id("witness.example/w1", 0x04, public)
    name, identifier, material = WITNESS.cosigner.vkey.split("+", 2)
    assert (name, identifier) == ("witness.example/w1", WITNESS.cosigner.id.hex())
    assert base64.b64decode(material) == b"\x04" + public
    assert Cosigner.parse(WITNESS.cosigner.vkey) == WITNESS.cosigner


def test_a_cosignature_holds_and_says_when():
    line = WITNESS.cosign(TEXT, time=MOMENT)
    (one,) = cosignatures(NOTE + line, [WITNESS.cosigner])
    assert (one.cosigner, one.time, one.line) == (WITNESS.cosigner, MOMENT, line)
    assert open_checkpoint(NOTE + line, [LOG.verifier]).size == 5


def test_no_changed_byte_of_a_cosignature_is_accepted():
    data = base64.b64decode(WITNESS.cosign(TEXT, time=MOMENT).split(" ")[2])
    for place in range(len(data)):
        mangled = bytearray(data)
        mangled[place] ^= 1
        note = NOTE + signature_line(WITNESS.name, bytes(mangled))
        if place < 4:
            assert cosignatures(note, [WITNESS.cosigner]) == []  # another key ID: an unknown key, to be passed over
        else:
            with pytest.raises(BadNote):
                cosignatures(note, [WITNESS.cosigner])


def test_a_cosignature_over_another_text_does_not_hold():
    line = WITNESS.cosign(checkpoint(chain(4), LOG).partition("\n\n")[0] + "\n", time=MOMENT)
    with pytest.raises(BadNote, match="does not hold"):
        cosignatures(NOTE + line, [WITNESS.cosigner])


def test_a_plain_signature_by_the_same_key_is_no_cosignature():
    plain = Signer(WITNESS.name, WITNESS.seed)
    assert cosignatures(NOTE + plain.sign(TEXT).partition("\n\n")[2], [WITNESS.cosigner]) == []
    forged = signature_line(WITNESS.name, WITNESS.cosigner.id + read_line(plain.sign(TEXT).partition("\n\n")[2][:-1]).data)
    with pytest.raises(BadNote, match="8 bytes of time"):
        cosignatures(NOTE + forged, [WITNESS.cosigner])


def test_keys_of_logs_and_of_witnesses_are_not_taken_for_each_other():
    with pytest.raises(BadNote, match="0x04"):
        Cosigner.parse(LOG.verifier.vkey)
    with pytest.raises(BadNote, match="0x01"):
        Verifier.parse(WITNESS.cosigner.vkey)
    with pytest.raises(BadNote, match="0x04"):
        CosigningKey.parse(LOG.to_text())
    assert CosigningKey.parse(WITNESS.to_text()) == WITNESS


@pytest.mark.parametrize("time", [0, -1, 2**63])
def test_a_time_that_a_cosignature_must_not_have_is_refused(time):
    with pytest.raises(BadNote, match="time"):
        WITNESS.cosign(TEXT, time=time)


def test_a_time_beyond_the_specification_is_refused_when_read():
    line = signature_line(WITNESS.name, WITNESS.cosigner.id + (2**63).to_bytes(8, "big") + bytes(64))
    with pytest.raises(BadNote, match="below 2"):
        cosignatures(NOTE + line, [WITNESS.cosigner])


def test_of_several_cosignatures_by_one_witness_the_latest_counts_once():
    lines = [WITNESS.cosign(TEXT, time=MOMENT + step) for step in (5, 9, 7)]
    (one,) = cosignatures(NOTE + "".join(lines), [WITNESS.cosigner])
    assert (one.time, one.line) == (MOMENT + 9, lines[1])


@given(st.permutations(range(4)))
@settings(deadline=None)
def test_a_note_carries_log_and_cosigners_in_any_order(order):
    rotated = Signer(ORIGIN, bytes(range(3, 35)))
    lines = [
        NOTE.partition("\n\n")[2],
        rotated.sign(TEXT).partition("\n\n")[2],
        WITNESS.cosign(TEXT, time=MOMENT),
        OTHER.cosign(TEXT, time=MOMENT + 1),
    ]
    note = TEXT + "\n" + "".join(lines[place] for place in order)
    assert {one.cosigner.name for one in cosignatures(note, [WITNESS.cosigner, OTHER.cosigner])} == {WITNESS.name, OTHER.name}
    _, signed = open_note(note, [LOG.verifier, rotated.verifier])
    assert {one.public for one in signed} == {LOG.verifier.public, rotated.verifier.public}


def test_the_same_name_or_the_same_id_alone_is_an_unknown_key():
    same_name = CosigningKey(WITNESS.name, bytes(range(9, 41))).cosign(TEXT, time=MOMENT)
    same_id = signature_line("other.example/w", WITNESS.cosigner.id + bytes(72))
    assert cosignatures(NOTE + same_name + same_id, [WITNESS.cosigner]) == []


LINE = NOTE.partition("\n\n")[2]


@pytest.mark.parametrize(
    ("note", "why"),
    [
        (TEXT + LINE, "blank line"),
        (TEXT + "\n", "blank line"),
        (TEXT + "\n" + LINE[:-1], "ends in a newline"),
        (TEXT + "\n" + LINE + "\n", "blank line"),
        (TEXT + "\n" + LINE.replace("\u2014", "-"), "em dash"),
        (TEXT + "\n" + LINE.replace("\u2014 ", "\u2014  "), "em dash"),
        (TEXT + "\n" + LINE.replace(ORIGIN, "log+example"), "neither spaces nor a plus"),
        (TEXT + "\n" + LINE.replace(ORIGIN, "log\u3000example"), "neither spaces nor a plus"),
        (TEXT + "\n" + LINE.replace(ORIGIN + " ", " "), "neither spaces|em dash"),
        (TEXT + "\n" + LINE.replace("=\n", "\n"), "base64"),
        (TEXT + "\n" + LINE[:-1] + " \n", "em dash"),
        (TEXT + "\n\u2014 a.example AAAA\n" + LINE, "4 bytes"),
        (TEXT.replace("5", "5\r") + "\n" + LINE, "control"),
        (TEXT.replace("5", "5\x00") + "\n" + LINE, "control"),
        (TEXT.replace("5", "5\t") + "\n" + LINE, "control"),
        (TEXT + "\ud800\n\n" + LINE, "UTF-8"),
        (TEXT + "\n" + LINE + "\u2014 a.example AAAAAAAA\n" * 64, "64 signatures"),
        (TEXT + "x" * 1_000_000 + "\n\n" + LINE, "too long"),
    ],
)
def test_malformed_notes_are_refused_before_any_signature_is_looked_at(note, why):
    with pytest.raises(BadNote, match=why):
        open_note(note, [LOG.verifier])


def test_a_foreign_note_with_blank_lines_and_any_script_in_its_text_is_accepted():
    text = "Ognuno sta solo\n\ned è subito sera. 津桥\n\n\nend\n"
    assert open_note(LOG.sign(text), [LOG.verifier]) == (text, [LOG.verifier])


def test_sixteen_signatures_and_more_are_accepted():
    extra = "".join(f"\u2014 w{number}.example/w {base64.b64encode(bytes([number] * 76)).decode()}\n" for number in range(40))
    assert open_checkpoint(NOTE + extra, [LOG.verifier]).size == 5
