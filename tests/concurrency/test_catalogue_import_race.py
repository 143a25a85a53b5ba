"""The same file sent twice at the same moment: the second worker waits for the first one's rows and finds them there."""

from functools import partial
from typing import Any

import pytest

from marketplace.catalogue.importing import running
from marketplace.catalogue.models import Achievement, ImportRun
from tests.factories import accounts
from tests.factories import import_files as make
from tests.factories.locks import without_lock
from tests.factories.racing import outcomes, race

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])


def imported_by_two(monkeypatch: pytest.MonkeyPatch) -> tuple[list[Any], list[ImportRun]]:
    """Two imports of one file, both of which have looked for stored rows before either may insert."""
    home = accounts.organisation("university")
    content = make.jsonl(make.rows(50))
    monkeypatch.setattr("marketplace.catalogue.services.uploading.start", lambda run_id: None)
    runs = [make.send(content, owner=home) for _ in range(2)]
    results = race(*(partial(running.run_import, run.pk) for run in runs), before="marketplace.workflow.bulk.perform_many")
    return results, [ImportRun.objects.get(pk=run.pk) for run in runs]


def test_one_brings_the_rows_in_and_the_other_finds_them(monkeypatch: pytest.MonkeyPatch) -> None:
    results, runs = imported_by_two(monkeypatch)
    assert outcomes(results) == ["done", "done"]
    assert [(run.phase, run.created, run.unchanged) for run in runs] == [("done", 50, 0), ("done", 0, 50)]
    assert Achievement.objects.count() == 50


def test_twin_without_taking_turns_both_insert_and_one_breaks_off(monkeypatch: pytest.MonkeyPatch) -> None:
    with without_lock("the file's turn"):
        results, _ = imported_by_two(monkeypatch)
    assert outcomes(results) == ["IntegrityError", "done"]
    assert "achievement_ref_once_per_organisation" in "".join(map(str, results))
    assert Achievement.objects.count() == 50
