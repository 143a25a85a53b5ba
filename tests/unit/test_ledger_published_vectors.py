"""What the specifications print, and the public test vectors, against the log's code and against the verifier's own."""

import base64
import hashlib
import json
import struct

import pytest

from ledger import verify
from ledger.engine import canonical, merkle
from ledger.engine.errors import BadProof, NotCanonical
from tests.factories.ledger import VECTORS, WITHOUT_VECTORS

MERKLE, JCS = VECTORS / "transparency-dev-merkle" / "testdata", VECTORS / "rfc8785-jcs"
needs_vectors = pytest.mark.skipif(not MERKLE.is_dir(), reason=WITHOUT_VECTORS)


def cases(kind):
    return [json.loads(path.read_text()) for path in sorted((MERKLE / kind).rglob("*.json"))]


def raw(text):
    return base64.b64decode(text or "")


def accepted(check, **words):
    try:
        check(**words)
    except BadProof:
        return False
    return True


@needs_vectors
def test_every_published_inclusion_proof_is_judged_as_published_by_the_verifier_too():
    for case in cases("inclusion"):
        index, size, path = case["leafIdx"], case["treeSize"], [raw(one) for one in case["proof"] or []]
        lengths = all(len(one) == 32 for one in [*path, raw(case["leafHash"])])
        stands = lengths and 0 <= index < size and verify.root_above(raw(case["leafHash"]), index, size, path) == raw(case["root"])
        assert stands is not case["wantErr"], case["desc"]


@needs_vectors
def test_every_published_proof_of_a_subtree_that_begins_at_the_first_leaf_is_a_proof_of_a_tree():
    """RFC 6962 knows no other subtrees: one that begins later is outside what this log proves."""
    begin = [case for case in cases("subtreeinclusion") if case["start"] == 0]
    assert len(begin) > 90
    for case in begin:
        words = {"leaf": raw(case["leafHash"]), "root": raw(case["root"]), "proof": [raw(one) for one in case["proof"] or []]}
        held = accepted(merkle.verify_inclusion, index=case["leafIdx"], size=case["end"], **words)
        assert held is not case["wantErr"], case["desc"]
    # Nothing leads from the empty tree here, whichever draft allows it.
    begin = [case for case in cases("subtreeconsistency") if case["start"] == 0 and case["end"]]
    assert len(begin) > 40
    for case in begin:
        words = {"old_root": raw(case["root1"]), "new_root": raw(case["root2"]), "proof": [raw(one) for one in case["proof"] or []]}
        held = accepted(merkle.verify_consistency, old=case["end"], new=case["size"], **words)
        assert held is not case["wantErr"], case["desc"]


@needs_vectors
def test_the_published_numbers_are_written_as_published_where_they_are_whole_and_refused_elsewhere():
    published = json.loads((JCS / "es6_numbers.json").read_text())["cases_hex_ieee754_to_text"]
    whole = 0
    for pattern, text in published:
        (number,) = struct.unpack(">d", bytes.fromhex(pattern))
        with pytest.raises(NotCanonical):
            canonical.encode(number)
        if text is not None and number == number // 1 and abs(number) < 2**53:
            assert canonical.encode(int(number)) == text.encode()
            assert verify.read_json(text.encode()) == int(number)
            whole += 1
        elif text is not None:
            with pytest.raises(ValueError):
                verify.read_json(text.encode())
            with pytest.raises(NotCanonical):
                canonical.decode(text.encode())
    assert whole == 2


@needs_vectors
@pytest.mark.parametrize("name", ["arrays", "french", "structures", "unicode", "values", "weird"])
def test_the_log_and_the_verifier_read_the_published_json_alike(name):
    written = (JCS / "testdata" / "output" / f"{name}.json").read_bytes().rstrip(b"\n")
    assert bytes.fromhex((JCS / "testdata" / "outhex" / f"{name}.txt").read_text()) == written

    def reads(read, refusal):
        try:
            return read(written)
        except refusal:
            return "refused"

    assert (
        reads(canonical.decode, NotCanonical)
        == reads(verify.read_json, ValueError)
        == (json.loads(written) if name in {"arrays", "structures"} else "refused")
    )


# RFC 6962 section 2.1.3: the tree of seven leaves d0 … d6 with the nodes a … l (M is i), and the proofs it prints.
A, B, C, D, E, F, J = (hashlib.sha256(b"\0d%d" % number).digest() for number in range(7))
G, H, M = (hashlib.sha256(b"\1" + left + right).digest() for left, right in ((A, B), (C, D), (E, F)))
K, L = hashlib.sha256(b"\1" + G + H).digest(), hashlib.sha256(b"\1" + M + J).digest()
ROOT = hashlib.sha256(b"\1" + K + L).digest()
LEAVES = [merkle.leaf_hash(b"d%d" % number) for number in range(7)]


def subtree(level, index):
    return merkle.root_of(LEAVES[index << level : (index + 1) << level])


def test_the_tree_of_rfc_6962_has_the_printed_proofs():
    assert LEAVES == [A, B, C, D, E, F, J]
    assert merkle.root_of(LEAVES) == ROOT
    assert merkle.inclusion_proof(subtree, 0, 7) == [B, H, L]
    assert merkle.inclusion_proof(subtree, 3, 7) == [C, G, L]
    assert merkle.inclusion_proof(subtree, 4, 7) == [F, J, K]
    assert merkle.inclusion_proof(subtree, 6, 7) == [M, K]
    assert merkle.consistency_proof(subtree, 3, 7) == [C, D, G, L]
    assert merkle.consistency_proof(subtree, 4, 7) == [L]
    assert merkle.consistency_proof(subtree, 6, 7) == [M, J, K]


def test_the_printed_proofs_of_rfc_6962_lead_the_verifier_to_the_root():
    for index, path in ((0, [B, H, L]), (3, [C, G, L]), (4, [F, J, K]), (6, [M, K])):
        assert verify.root_above(LEAVES[index], index, 7, path) == ROOT
        assert verify.root_above(LEAVES[index], index, 7, path[:-1]) != ROOT
        assert verify.root_above(LEAVES[index], index, 7, [*path, L]) != ROOT


def test_the_string_of_rfc_8785_is_written_as_printed():
    """Section 3.2.2, without its numbers, which are floats."""
    given = json.loads(r'{"string": "\u20ac$\u000F\u000aA' + "'" + r'\u0042\u0022\u005c\\\"\/", "literals": [null, true, false]}')
    printed = '{"literals":[null,true,false],"string":"€$\\u000f\\nA' + "'" + 'B\\"\\\\\\\\\\"/"}'
    assert canonical.encode(given) == printed.encode()
    assert verify.read_json(printed.encode()) == given


def test_the_keys_of_rfc_8785_that_sort_otherwise_by_code_point_are_refused_by_both():
    """Section 3.2.3: with keys beyond ASCII the order of UTF-16 and that of code points differ; the profile has none."""
    pair = {"\U0001f600": 1, "\ufb33": 2}
    with pytest.raises(NotCanonical):
        canonical.encode(pair)
    for written in (json.dumps(pair, ensure_ascii=False, separators=(",", ":")), json.dumps(pair, ensure_ascii=False, sort_keys=True)):
        with pytest.raises(ValueError):
            verify.read_json(written.encode())
