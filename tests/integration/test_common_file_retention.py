"""How long files stay: not erased before their time, thrown away after it where they were kept for a time only."""

import io

import pytest
from django.core.files.storage import storages

from marketplace.common import clock, files
from marketplace.common.ids import uuid7
from marketplace.common.models import StoredFile

pytestmark = pytest.mark.django_db
DAY = 24 * 3600


def keep(purpose: str) -> StoredFile:
    return files.store(owner_id=uuid7(), name="rows.csv", stream=io.BytesIO(b"a,b\n1,2\n"), content_type="text/csv", purpose=purpose)


@pytest.mark.parametrize(("purpose", "days"), [("deliverable", 3653), ("revenue_evidence", 3653), ("import", 90)])
def test_a_file_is_not_erased_before_its_time_and_is_afterwards(purpose: str, days: int) -> None:
    stored = keep(purpose)
    with clock.shifted((days - 1) * DAY), pytest.raises(files.FileRetained, match=f"{stored.retain_until:%Y-%m-%d}"):
        files.erase(stored)
    with files.open_file(stored) as kept:
        assert kept.read() == b"a,b\n1,2\n"
    with clock.shifted((days + 1) * DAY):
        files.erase(stored)
    stored.refresh_from_db()
    assert (stored.name, stored.size, len(stored.sha256)) == ("", 8, 64)
    with pytest.raises(files.NotFound):
        files.open_file(stored)


def test_imports_are_thrown_away_after_their_time_and_nothing_else_is() -> None:
    old, other = keep("import"), keep("deposit")
    assert files.throw_away_old() == 0
    with clock.shifted(4000 * DAY):
        later = keep("import")
        assert files.throw_away_old() == 1
        assert files.throw_away_old() == 0
    erased = set(StoredFile.objects.exclude(erased_at=None).values_list("pk", flat=True))
    assert erased == {old.pk}
    assert {other.pk, later.pk} == set(StoredFile.objects.filter(erased_at=None).values_list("pk", flat=True))


def test_a_file_that_the_store_will_not_let_go_does_not_keep_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    stuck, other = keep("import"), keep("import")
    storage, delete = storages["default"], storages["default"].delete

    def refusing(name: str) -> None:
        if name == stuck.storage_name:
            raise OSError("read-only")
        delete(name)

    monkeypatch.setattr(storage, "delete", refusing)
    with clock.shifted(91 * DAY):
        assert files.throw_away_old() == 1
    assert set(StoredFile.objects.filter(erased_at=None)) == {stuck}
    assert set(StoredFile.objects.exclude(erased_at=None)) == {other}
