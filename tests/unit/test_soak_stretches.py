"""A long soak is stretches of their own seeds; what has passed on this commit is not run again."""

from pathlib import Path

import pytest

from tests.soak import run


def test_many_operations_are_stretches_of_a_seed_each() -> None:
    assert list(run.stretches(50_000, 7)) == [(7, 20_000), (8, 20_000), (9, 10_000)]
    assert list(run.stretches(300, 7)) == [(7, 300)]


def test_what_passed_is_remembered_of_a_commit_and_of_no_changed_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "ROOT", tmp_path)
    for commit, kept in (("0123456789ab", {"20000 operations from seed 7"}), ("0123456789ab+changed", set())):
        assert run.passed(run.record_of(commit)) == set()
        run.record_of(commit).write_text("20000 operations from seed 7\n", encoding="utf-8")
        assert run.passed(run.record_of(commit)) == kept


def test_a_stretch_that_is_checked_more_often_has_not_passed_before() -> None:
    assert run.called(300, 7, 0) == "300 operations from seed 7" != run.called(300, 7, 1)
