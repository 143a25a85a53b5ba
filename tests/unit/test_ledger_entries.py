import json

import pytest

from ledger import verify
from ledger.engine import canonical, commitment, entry, merkle
from ledger.engine.audit import Audit
from ledger.engine.errors import BadEntry
from tests.factories.ledger import ORIGIN, chain, intent


def test_an_entry_holds_its_place_and_everything_its_intent_said():
    first, second = chain(2)
    parsed = entry.parse(second)
    assert (parsed.log, parsed.seq, parsed.prev) == (ORIGIN, 1, merkle.leaf_hash(first).hex())
    fields = canonical.decode(second)
    assert {name: fields[name] for name in canonical.decode(intent(1))} == canonical.decode(intent(1))
    assert entry.parse(first).prev == "0" * 64


def test_a_chain_is_followed_and_gives_the_trees_root():
    entries = chain(9)
    assert Audit(ORIGIN).take_all(entries).tree.root() == merkle.root_of(map(merkle.leaf_hash, entries))


def test_an_entry_at_another_place_is_refused():
    entries = chain(4)
    with pytest.raises(BadEntry, match="seq and prev"):
        Audit(ORIGIN).take_all([entries[0], entries[2]])
    with pytest.raises(BadEntry, match="log"):
        Audit("other.example/log").take(entries[0])


@pytest.mark.parametrize(
    "change",
    [
        {"id": "A" * 36},
        {"type": "Has Space"},
        {"at": "2026-03-01T08:00:00Z"},
        {"actor": "someone"},
        {"subject": None},
        {"commit": {"a": 1}},
        {"commit": {"": "0" * 64}},
        {"commit": {'a "label"': "0" * 64}},
        {"commit": {"a\\b": "0" * 64}},
        {"commit": {"a\tb": "0" * 64}},
        {"body": {"price": 1.5}},
    ],
    ids=lambda change: next(iter(change)),
)
def test_an_intent_with_a_field_of_another_shape_is_refused(change):
    with pytest.raises((BadEntry, canonical.NotCanonical)):
        intent(1, **change)


def test_the_strangers_verifier_reads_the_commitments_that_the_engine_writes_and_only_in_their_order():
    labels = ["".join(map(chr, range(35, 92))), " ", "!", "]^_`az{|}~", "a", "a.b", "a1"]
    raw = entry.assemble(intent(1, commit=dict.fromkeys(labels, "0" * 64)), log="log.example", seq=0, prev=entry.GENESIS).raw
    assert list(json.loads(verify.read_entry(raw, 0)["commit"])) == sorted(labels)
    for before, after in ((b'"a"', b'"b"'), (b'"a1"', b'"a.b"')):
        with pytest.raises(verify.Tampered):
            verify.read_entry(raw.replace(before, after), 0)


def test_an_entry_longer_than_a_bundle_can_carry_is_refused_when_it_is_recorded():
    with pytest.raises(BadEntry, match="longer"):
        intent(1, body={"text": "字" * 25_000})


@pytest.mark.parametrize("change", [{"v": 2}, {"more": 1}, {"seq": -1}, {"seq": True}, {"prev": "0"}, {"log": ""}], ids=str)
def test_bytes_of_another_shape_are_not_an_entry(change):
    with pytest.raises(BadEntry):
        entry.parse(canonical.encode({**canonical.decode(chain(1)[0]), **change}))


def test_a_commitment_opens_only_with_its_salt_label_and_value():
    salt = bytes(range(32))
    made = commitment.commit(salt, "person", {"name": "张三"})
    # Written down from the definition: HMAC-SHA-256(salt, label || 0x00 || JCS(value)).
    import hashlib
    import hmac

    assert made == hmac.new(salt, b"person\x00" + '{"name":"张三"}'.encode(), hashlib.sha256).hexdigest()
    assert commitment.opens(made, salt=salt, label="person", value={"name": "张三"})
    assert not commitment.opens(made, salt=bytes(32), label="person", value={"name": "张三"})
    assert not commitment.opens(made, salt=salt, label="persons", value={"name": "张三"})
    assert not commitment.opens(made, salt=salt, label="person", value={"name": "李四"})


def test_a_public_pseudonym_is_constant_and_a_sealed_one_never_the_same_twice():
    secret = bytes(range(32))
    names = [
        commitment.subject_handle(secret),
        commitment.subject_handle(secret, sealed_in="a"),
        commitment.subject_handle(secret, sealed_in="b"),
        commitment.actor_handle(secret, "x"),
        commitment.actor_handle(secret, "x", sealed_in="a"),
        commitment.actor_handle(secret, "y"),
    ]
    assert len(set(names)) == 6
    assert commitment.subject_handle(secret) == names[0]
    assert commitment.actor_handle(bytes(32), "x") != names[3]
