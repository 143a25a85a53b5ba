"""The terms of service: what people agree to is what is hashed."""

import hashlib

from marketplace.accounts import terms


def test_the_hash_is_of_the_version_and_both_languages() -> None:
    small = terms.Terms(version="1", zh=("甲", "乙"), en=("A", "B"))
    assert small.sha256 == hashlib.sha256("1\n甲\n乙\nA\nB".encode()).hexdigest()


def test_a_changed_word_changes_the_hash() -> None:
    first = terms.Terms(version="1", zh=("甲",), en=("A",))
    assert first.sha256 != terms.Terms(version="1", zh=("甲",), en=("B",)).sha256


def test_the_terms_in_force_have_as_many_points_in_english_as_in_chinese() -> None:
    assert len(terms.CURRENT.zh) == len(terms.CURRENT.en)
