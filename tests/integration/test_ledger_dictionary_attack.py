"""Whoever has the whole public export, the names and the ID numbers of everybody, learns from it about nobody."""

import json
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from ledger.app import models
from ledger.app import services as ledger
from ledger.app.services.exporting import export
from ledger.engine import canonical, commitment
from tests.factories import evidence
from tests.factories.dictionary import attack
from tests.factories.recorded import record

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "sequencer", "owner"])
FAMILY, GIVEN = "王李张刘陈杨黄赵吴周", ("伟", "芳", "娜", "敏", "静", "丽", "强", "磊", "军", "洋")


def id_number(region: str, day: str, order: int) -> str:
    """A resident identity number with its check character (GB 11643-1999)."""
    digits = f"{region}{day}{order:03d}"
    weight = sum(int(digit) * (2 ** (17 - place) % 11) for place, digit in enumerate(digits))
    return digits + "10X98765432"[weight % 11]


def people(days: int) -> Iterator[tuple[str, str]]:
    """Every name of a short list and every number of a district on some days: the attacker's dictionary, which holds the true ones."""
    names = [family + given for family, given in product(FAMILY, GIVEN)]
    numbers = [id_number("110108", f"199003{day:02d}", order) for day in range(1, days + 1) for order in range(1, 300)]
    for at, number in enumerate(numbers):
        yield names[at % len(names)], number


@pytest.fixture
def exported(settings: Any, tmp_path: Path, at_size: Callable[[int, int], int]) -> tuple[list[dict[str, Any]], list[str]]:
    """A log that commits to people's names and numbers in the open and in sealed entries, as everybody can fetch it; and the dictionary."""
    evidence.sign_with(settings, tmp_path)
    true = list(people(at_size(2, 20)))
    for at, (name, number) in enumerate(true[:40]):
        record(public=at % 2 == 0, private={"person": name, "id_number": number})
    evidence.seal()
    export(tmp_path / "log")
    lines = (tmp_path / "log" / "entries.jsonl").read_bytes().splitlines()[:-1]
    assert len(lines) == 40
    return [json.loads(line) for line in lines], [word for pair in true for word in pair]


def test_a_dictionary_of_names_and_id_numbers_finds_nobody_in_the_public_export(
    exported: tuple[list[dict[str, Any]], list[str]], tmp_path: Path
) -> None:
    entries, dictionary = exported
    words = sorted(set(dictionary))
    first = entries[0]
    in_the_open = [text.encode() for text in (first["id"], first["subject"], first["prev"], first["log"], first["at"])]
    assert attack(entries, words, [*in_the_open, bytes.fromhex(first["subject"])]) == set()
    files = b"".join(path.read_bytes() for path in (tmp_path / "log").rglob("*") if path.is_file())
    assert [word for word in words if word.encode() in files or word.encode().hex().encode() in files] == []


def test_the_same_attack_finds_people_where_the_salt_is_known_or_there_is_none(
    exported: tuple[list[dict[str, Any]], list[str]],
) -> None:
    """So the attack can succeed: with one salt it confirms one person, and without salts it would confirm all."""
    entries, dictionary = exported
    row = models.Disclosure.objects.filter(label="person").first()
    assert row is not None
    public = next(entry for entry in entries if "person" in entry["commit"])
    kept = models.Disclosure.objects.get(intent_id=public["id"], label="person")
    words = sorted(set(dictionary))
    assert attack([public], words, [bytes(kept.salt)]) == {canonical.decode(bytes(kept.value))}
    careless = [{**public, "commit": {"person": commitment.commit(bytes(32), "person", words[0])}}]
    assert attack(careless, words, []) == {words[0]}


def test_after_erasure_even_the_salts_that_were_kept_open_nothing(exported: tuple[list[dict[str, Any]], list[str]]) -> None:
    entries, dictionary = exported
    names = sorted({word for word in dictionary if not word[0].isdigit()})
    erased = sum(ledger.erase(name, at=evidence.now()) for name in names)
    assert erased == 40
    left = [bytes(one.salt) for one in models.Disclosure.objects.all()]
    assert attack(entries, names, left) == set()
