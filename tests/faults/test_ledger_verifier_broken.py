"""The tampering tests can fail: take out or weaken any one check of the verifier, and some verdict on something damaged changes.

Every refusal is taken out, every `if` is made to hold never or always, and every part of a condition is left out, one at a time; the
verifier so broken is asked about damaged logs, exports, proofs, evidence files and policies until one answer differs.
"""

import random
from collections.abc import Callable
from itertools import chain
from pathlib import Path

import pytest

from tests.factories import damaged_evidence, damaged_logs, damaged_policies
from tests.factories.broken_verifier import Breakage, Crowd, asked, breakages

pytestmark = [pytest.mark.prove, pytest.mark.slow]
# What is not missed, and why: each begins a breakage's own words.
NOT_MISSED = {
    "signed_text, less 0: blank and": "without an empty line everything is read as signature lines, and no words are left that were signed",
    "signed_text, less 0: match and": "a line that does not match has been refused before",
    "root_above, less 1: path or size > 1": "a path that is too short leads to a leaf, which is no root",
    "read_entry, less 0: commit.count": "one label alone is always in order: this saves time",
    "check_log, less 1: source.get('checkpoint')": "no checkpoint and an empty one are the same to what asks",
    "prove, less 0: index < head.size": "an index beyond the tree is not the one that the entry itself names",
    "prove, less 0: blank and match": "without an empty line there is no note either",
    "Log.follow, always: if seq + 2 == head.size": "it is remembered only for the last entry: this saves time",
    "Log.follow, always: if entry['type'] in (ADDED, RETIRED)": "the signed statement names its kind, and no other is acted upon",
    "Log._follow_key, less 0: kind == RETIRED": "no earlier key has another name, and one that is added anew is passed over above",
    "Log._refuse, less 0: entry['seq'] != seq": "an entry that names its place, its log and the one before is not refused",
    "Log._carries_on, less 0: self.tree.size + 1": "nothing is remembered before the last entry but one, and nothing has no such root",
    "check_log, less 0: source.url": "what is fetched is asked about in a room of its own",
    "Tiles.entries, without: must(leaf ==": "the tile is compared again when it is whole",
    "Tiles._bundle, without: must(len(data)": "what is left of the entry has another hash",
}
Chosen = Callable[[int, int], int]


def excuse(breakage: Breakage) -> str:
    return next((begun for begun in NOT_MISSED if breakage.what.startswith(begun)), "")


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> Crowd:
    """All questions, each with what the whole verifier answers."""
    rooms = (damaged_logs, damaged_evidence, damaged_policies)
    folders: list[Path] = [tmp_path_factory.mktemp("damaged") for _ in rooms]
    return Crowd([asked(words) for words in chain(*(room.questions(folder) for room, folder in zip(rooms, folders, strict=True)))])


def test_the_whole_verifier_accepts_the_honest_and_refuses_most(crowd: Crowd) -> None:
    codes = [question.answer[0] for question in crowd.questions]
    assert {0, 1, 2, 3} == set(codes)
    assert codes.count(0) < 50
    assert codes.count(1) > 200


def test_every_excuse_is_for_one_breakage() -> None:
    excused = [begun for breakage in breakages() if (begun := excuse(breakage))]
    assert sorted(excused) == sorted(NOT_MISSED)


def test_no_check_of_the_verifier_and_no_part_of_one_can_be_left_out_unnoticed(crowd: Crowd, at_size: Chosen, seed: int) -> None:
    needed = [one for one in breakages() if not excuse(one)]
    assert len(needed) > 180
    chosen = random.Random(seed).sample(needed, at_size(30, len(needed)))
    missed = [one.what for one in chosen if not crowd.notices(one)]
    assert missed == [], "\n".join(missed)


def test_what_is_excused_is_noticed_by_nobody(crowd: Crowd, at_size: Chosen, seed: int) -> None:
    excused = [one for one in breakages() if excuse(one)]
    chosen = random.Random(seed).sample(excused, at_size(1, len(excused)))
    assert [one.what for one in chosen if crowd.notices(one)] == []
