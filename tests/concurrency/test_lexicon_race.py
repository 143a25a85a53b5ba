"""Two administrators change the table of names at the same moment: each change is a version of its own."""

from functools import partial

import pytest

from marketplace.lexicon import selectors
from marketplace.lexicon.services import changing
from tests.factories import accounts
from tests.factories.locks import without_lock
from tests.factories.racing import outcomes, race

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "sequencer", "owner"])


def two_changes_at_once() -> list[str]:
    """Two add an entry each; how the two ended."""
    admins = [accounts.staff_actor("admin"), accounts.staff_actor("admin")]
    add = partial(changing.concept_add, reason="新领域")
    jobs = [
        partial(add, actor=actor, chinese=[name], english=["felt"]) for actor, name in zip(admins, ("气凝胶毡", "气凝胶布"), strict=True)
    ]
    return outcomes(race(*jobs, after="matching.app.services.naming.digest"))


def test_the_second_waits_and_builds_on_the_first() -> None:
    assert two_changes_at_once() == ["done", "done"]
    assert (selectors.table_at().number, [one.changed for one in selectors.history()][:2]) == (3, [1, 1])


def test_twin_without_the_turn_both_write_the_same_version_and_the_database_refuses_one() -> None:
    with without_lock("turns at the table of names"):
        assert two_changes_at_once() == ["IntegrityError", "done"]
