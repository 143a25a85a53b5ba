"""Teams, achievements and experts for tests: plain functions with short names and valid defaults."""

from itertools import count
from typing import Any

from marketplace.accounts.models import Organisation
from marketplace.catalogue.models import Achievement, Expert, Team
from marketplace.catalogue.services import drafting
from marketplace.workflow.performing import perform
from tests.factories import accounts

_numbers = count(1)


def team(owner: Organisation | None = None, *, published: bool = True, **fields: Any) -> Team:
    """A team of a (new, verified) university; published by the real move unless told otherwise."""
    home = owner or accounts.organisation("university")
    number = next(_numbers)
    known = {
        "name_zh": f"测试团队{number}",
        "principal_investigator": "韩梅梅",
        "industry_codes": ["38"],
        "capabilities_zh": ["钠离子电池"],
    }
    actor = accounts.actor_for(home)
    made = drafting.draft_team(actor=actor, fields={**known, **fields})
    return perform("publish", made, actor) if published else made


def achievement(owner: Organisation | None = None, *, published: bool = True, **fields: Any) -> Achievement:
    """An achievement of a (new, verified) university; submitted, verified and published by the real moves unless told otherwise."""
    home = owner or accounts.organisation("university")
    number = next(_numbers)
    known = {
        "ref": f"A-{number}",
        "title_zh": f"测试成果{number}",
        "summary_zh": "层状氧化物正极的表面包覆。",
        "industry_code": "38",
        "readiness": 6,
    }
    actor = accounts.actor_for(home)
    made = drafting.draft_achievement(actor=actor, fields={**known, **fields})
    if not published:
        return made
    made = perform("verify", perform("submit", made, actor), accounts.staff_actor("reviewer"))
    return perform("publish", made, actor)


def expert(owner: Organisation | None = None, *, published: bool = True, **fields: Any) -> Expert:
    """A new member of a (new, verified) university as an expert; verified by the real moves unless told otherwise."""
    home = owner or accounts.organisation("university")
    known = {"fields_zh": ["电化学"], "summary_zh": "从事储能材料研究。"}
    actor = accounts.actor_for(home)
    person = accounts.member(home, name="韩梅梅")
    made = drafting.draft_expert(actor=actor, person_id=person.pk, fields={**known, **fields})
    return perform("verify", perform("submit", made, actor), accounts.staff_actor("reviewer")) if published else made
