"""What several files of this folder share: one world, built once per file and never committed."""

from collections.abc import Iterator
from typing import Any

import pytest
from pytest_django import DjangoDbBlocker


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Everyone and everything, in a transaction that is undone at the end of the file."""
    # This file is read before Django is set up.
    from django.db import transaction
    from django.test.utils import override_settings

    from marketplace.demands.services import sealing
    from tests.factories import world as worlds

    public = sealing.new_key_pair()[1].hex()
    kept = str(tmp_path_factory.mktemp("files"))
    with django_db_blocker.unblock(), override_settings(OPENER_PUBLIC_KEY=public, MEDIA_ROOT=kept), transaction.atomic():
        yield worlds.build()
        transaction.set_rollback(True)
