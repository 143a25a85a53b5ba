"""The moves of achievements, teams and experts as pages."""

from typing import Any, ClassVar

from marketplace.catalogue import selectors
from marketplace.catalogue.models import Achievement, Expert, Team
from marketplace.catalogue.web.forms import AmendForm, stored
from marketplace.catalogue.workflow import ACHIEVEMENT, EXPERT, TEAM
from marketplace.common.actor import Actor
from marketplace.common.text import bi
from marketplace.web.acting import ActionPage, ReasonForm

DECLARED = bi(
    "更改记入账本；此后本成果由单位声明，平台未核验。",
    "The change goes on the ledger; from then on the solution is declared by your institution and not verified.",
)
FOR_GOOD = bi("撤回后不能恢复；已入账本的记录保留。", "Withdrawing is for good; what is on the ledger stays there.")


class AchievementAction(ActionPage):
    """Submit, review, publish, change the last day of protection, withdraw."""

    machine = ACHIEVEMENT
    forms: ClassVar = {"request_changes": ReasonForm, "reject": ReasonForm, "suspend": ReasonForm, "amend": AmendForm}
    promises: ClassVar = {"withdraw": FOR_GOOD, "amend": DECLARED}

    def find(self, actor: Actor, pk: str) -> Achievement:
        return selectors.found(selectors.achievements_for(actor), pk)

    def home(self, obj: Any) -> str:
        return f"/achievements/{obj.pk}/"

    def form_kwargs(self, action: str, obj: Any, actor: Actor) -> dict[str, Any]:
        return {"initial": stored(obj, AmendForm)} if action == "amend" else {}


class TeamAction(ActionPage):
    """Publish, confirm, suspend, withdraw."""

    machine = TEAM
    forms: ClassVar = {"suspend": ReasonForm}
    promises: ClassVar = {"withdraw": FOR_GOOD}

    def find(self, actor: Actor, pk: str) -> Team:
        return selectors.found(selectors.teams_for(actor), pk)

    def home(self, obj: Any) -> str:
        return f"/teams/{obj.pk}/"


class ExpertAction(ActionPage):
    """Submit, review, confirm, leave the register."""

    machine = EXPERT
    forms: ClassVar = {"request_changes": ReasonForm, "reject": ReasonForm}
    promises: ClassVar = {"withdraw": FOR_GOOD}

    def find(self, actor: Actor, pk: str) -> Expert:
        return selectors.found(selectors.experts_for(actor), pk)

    def home(self, obj: Any) -> str:
        return f"/experts/{obj.pk}/"
