"""The forms by which an organisation says that a match is useful or not, and what it said before."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from marketplace.catalogue.models import Expert, Team
from marketplace.common.actor import Actor, signed_in
from marketplace.common.errors import NotFound
from marketplace.common.text import bi
from marketplace.demands import selectors
from marketplace.demands.models import DeclineReason, Demand, MatchJudgement
from marketplace.demands.permissions import may_judge
from marketplace.demands.services import corpora, judging
from marketplace.demands.services.corpora import EXPERT, Thing
from marketplace.web.navigation import localised

KEPT = bi("已记下，只有本单位能看到。", "Noted. Only your organisation sees it.")
LEFT_OUT = bi("已记下：以后的匹配不再列出这一项。", "Noted: your matches leave it out from now on.")
TAKEN_BACK = bi("已撤回，这一项重新参与匹配。", "Taken back: it takes part in your matches again.")


class Words:
    """What the reader's organisation said of the matches of one thing, and the forms for saying it."""

    def __init__(self, actor: Actor, seeker: Thing, *, of: str) -> None:
        self._seeker = seeker
        self._side = "demand" if isinstance(seeker, Demand) else "team" if isinstance(seeker, Team) else "achievement"
        # Of experts, who are people, nothing is said.
        judged = not (isinstance(seeker, Expert) or of == EXPERT)
        self._may = judged and may_judge(actor)
        rows = selectors.judgements_for(actor).filter(**{self._side: seeker}).exclude(**{of: None}).order_by("-at", "-id") if judged else ()
        self._reader = actor.organisation_id
        self._may_ask = actor.verified and seeker.is_public and seeker.organisation_id == actor.organisation_id
        self._said: dict[UUID, MatchJudgement] = {self._other(one).pk: one for one in rows} if actor.organisation_id else {}

    def form_for(self, found: Thing) -> dict[str, Any] | None:
        """What a form about one match needs, with what was said before; nothing where the reader acts for no organisation."""
        if not self._may:
            return None
        pair = {self._side: self._seeker.pk, _kind(found): found.pk}
        said = {"url": localised("/matches/judge/"), "pair": pair, "at": self._side, "reasons": DeclineReason.choices}
        return said | self._asking(found) | _told(self._said.get(found.pk))

    def _asking(self, found: Thing) -> dict[str, str]:
        """Where the verified owner of published supply asks the poster of a demand that it matches, unless the demand is its own."""
        if not isinstance(found, Demand) or not self._may_ask or found.organisation_id == self._reader:
            return {}
        return {"ask_url": localised(f"/demands/{found.pk}/ask/") + f"?{self._side}={self._seeker.pk}"}

    @property
    def declined_ids(self) -> frozenset[UUID]:
        """What was called not useful."""
        return frozenset(id_ for id_, one in self._said.items() if not one.useful)

    @property
    def declined(self) -> list[dict[str, Any]]:
        """What was called not useful, the latest first, each with the way to take that back; what is no longer public is not named."""
        return [{"title": self._title(self._other(one)), "at": self._side} | _told(one) for one in self._said.values() if not one.useful]

    def _title(self, thing: Thing) -> str:
        if thing.is_public or thing.organisation_id == self._reader:
            return corpora.title_of(thing)
        return str(bi("已不公开", "No longer public"))

    def _other(self, judgement: MatchJudgement) -> Thing:
        return judgement.supply if self._side == "demand" else judgement.demand


def _told(judgement: MatchJudgement | None) -> dict[str, Any]:
    if judgement is None:
        return {}
    back = localised(f"/matches/{judgement.pk}/take-back/")
    return {"useful": judgement.useful, "reason": judgement.reason_label, "back_url": back}


def _kind(thing: Thing) -> str:
    if isinstance(thing, Demand):
        return "demand"
    return "team" if isinstance(thing, Team) else "achievement"


@require_POST
def match_judge(request: HttpRequest) -> HttpResponse:
    """Say that a match is useful, or not and why."""
    actor = signed_in(request)
    demand = selectors.demand_for(actor, _id(request, "demand"))
    supply = selectors.supply_for(actor, {name: _id(request, name) for name in ("achievement", "team") if name in request.POST})
    reason = request.POST.get("reason", "")
    judged = judging.match_judge(demand=demand, supply=supply, actor=actor, useful=request.POST.get("useful") == "yes", reason=reason)
    messages.success(request, KEPT if judged.useful else LEFT_OUT)
    return _back(request, judged)


@require_POST
def match_take_back(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Forget what was said of a match."""
    actor = signed_in(request)
    judgement = selectors.judgement_for(actor, pk)
    answer = _back(request, judgement)
    judging.match_take_back(judgement=judgement, actor=actor)
    messages.success(request, TAKEN_BACK)
    return answer


def _id(request: HttpRequest, name: str) -> UUID:
    try:
        return UUID(request.POST.get(name, ""))
    except ValueError:
        raise NotFound from None


def _back(request: HttpRequest, judgement: MatchJudgement) -> HttpResponse:
    """To the page from which it was said; it is made from what was judged, never from an address that was sent."""
    if request.POST.get("at") == "demand":
        return redirect(localised(f"/demands/{judgement.demand_id}/") + "#matches")
    home = "achievements" if judgement.achievement_id else "teams"
    return redirect(localised(f"/{home}/{judgement.supply_id}/") + "#matches")
