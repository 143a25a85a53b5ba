"""No proof and no evidence file that was changed anywhere is accepted."""

import random
import re

import pytest

from ledger import verify
from ledger.engine import canonical, commitment
from ledger.engine.cosignature import CosigningKey
from tests.factories.damaged_evidence import KEY, SIGNER, evidence_files, packed
from tests.factories.ledger import chain, checkpoint, proof


@pytest.fixture
def say(capsys):
    """Run the verifier and return (exit code, first bad seq or None)."""

    def run(*words):
        code = verify.main([*map(str, words), "--key", KEY])
        found = re.search(r"first bad seq [^:]*: (\d+)", capsys.readouterr().out)
        return code, int(found[1]) if found else None

    return run


def honest(count):
    entries = chain(count)
    return entries, checkpoint(entries, SIGNER)


def test_no_changed_byte_of_a_proof_is_accepted(seed, at_size, say, tmp_path):
    entries, note = honest(11)
    file = tmp_path / "one.tlog-proof"
    data = proof(entries, 6, note).to_text().encode()
    file.write_bytes(data)
    assert say("proof", file) == (0, None)
    chance, header = random.Random(seed), len(verify.PROOF_HEADER)
    for place in range(0, len(data), at_size(7, 1)):
        mangled = bytearray(data)
        mangled[place] ^= 1 << chance.randrange(8)
        file.write_bytes(mangled)
        # With another first line it is no proof at all.
        assert say("proof", file)[0] == (2 if place < header else 1), place


def test_an_evidence_file_holds_and_no_changed_byte_of_its_proofs_or_values_is_accepted(seed, at_size, say, tmp_path):
    files = evidence_files()
    path = tmp_path / "evidence.zip"
    assert say("certificate", packed(path, files)) == (0, None)
    chance = random.Random(seed)
    for name, data in files.items():
        if name == "README.txt":
            continue
        for place in range(chance.randrange(5), len(data), at_size(5, 1)):
            mangled = bytearray(data)
            mangled[place] ^= 1 << chance.randrange(8)
            code, seq = say("certificate", packed(path, {**files, name: bytes(mangled)}))
            assert code == 1 or (name == "log.vkey" and bytes(mangled).strip() == data.strip()), (name, place)
            if name.startswith("entries/"):
                assert seq == int(name[8])


def test_an_evidence_file_with_a_missing_or_added_file_is_refused(say, tmp_path):
    files = evidence_files()
    for name in files:
        rest = {other: data for other, data in files.items() if other != name}
        assert say("certificate", packed(tmp_path / "e.zip", rest))[0] == 1, name
    assert say("certificate", packed(tmp_path / "e.zip", {**files, "entries/9.json": files["entries/1.json"]}))[0] == 1


def test_what_stands_beside_the_entries_is_what_the_certificate_lists_and_what_is_not_checked_is_named(tmp_path, capsys):
    files = evidence_files()
    document = "documents/" + commitment.commit(bytes(32), "person", "张三")

    def say(**beside):
        file = packed(tmp_path / "e.zip", files | {name.replace("_", "."): data for name, data in beside.items()})
        return verify.main(["certificate", str(file), "--key", KEY]), capsys.readouterr().out

    code, said = say(certificate_json=b'{"documents": {}}', certificate_pdf=b"%PDF", parties_json=b"[]")
    assert (code, said.splitlines()[-1]) == (0, "not checked 未核验: README.txt, certificate.json, certificate.pdf, parties.json")
    for summary in (f'{{"documents": {{"{document}": "a.pdf"}}}}'.encode(), b'{"documents": 1}', b"{}", b"[]", b"\xff"):
        assert say(certificate_json=summary)[0] == 1, summary
    # One spelling for everybody: UTF-8, without a byte order mark, and no numbers that JSON does not have.
    fine = '{"documents": {}}'
    for summary in (b"\xef\xbb\xbf" + fine.encode(), fine.encode("utf-16"), fine.encode("utf-16-le"), fine[:-1].encode() + b', "n": NaN}'):
        assert say(certificate_json=summary)[0] == 1, summary


def test_an_evidence_file_with_two_files_of_one_name_is_refused(say, tmp_path):
    files = evidence_files()
    for name in ("README.txt", "entries/1.json"):
        assert say("certificate", packed(tmp_path / "e.zip", files, (name, files[name]))) == (1, None), name


def test_an_evidence_file_that_names_an_object_twice_is_refused(say, tmp_path):
    files = evidence_files()
    twice = {"handles.json": canonical.encode([*canonical.decode(files["handles.json"])] * 2)}
    assert say("certificate", packed(tmp_path / "e.zip", files | twice)) == (1, None)


def test_an_evidence_file_of_another_object_is_refused(say, tmp_path):
    files = evidence_files() | {"handles.json": canonical.encode(["00" * 32])}
    assert say("certificate", packed(tmp_path / "e.zip", files)) == (1, 1)


def test_an_evidence_file_whose_checkpoint_too_few_cosigned_is_sound_but_for_the_quorum(say, tmp_path):
    files, witness = evidence_files(), CosigningKey("witness.example/w", bytes(range(1, 33)))
    (tmp_path / "policy").write_text(f"witness w {witness.cosigner.vkey}\nquorum w\n")
    asked = ["--policy", tmp_path / "policy"]
    assert say("certificate", packed(tmp_path / "e.zip", files), *asked) == (3, None)
    # What is wrong with the last entry outranks what is missing of the first.
    last = {"entries/2.disclosures.json": files["entries/2.disclosures.json"].replace(b"12000", b"12001")}
    assert say("certificate", packed(tmp_path / "e.zip", {**files, **last}), *asked) == (1, 2)
    for name in [name for name in files if name.endswith(".tlog-proof")]:
        proof, _, note = files[name].decode().partition("\n\n")
        line = witness.cosign(note.partition("\n\n")[0] + "\n", time=1_772_352_000)
        files[name] = f"{proof}\n\n{note}{line}".encode()
    assert say("certificate", packed(tmp_path / "e.zip", files), *asked) == (0, None)
