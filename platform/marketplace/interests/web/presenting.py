"""How a saved search and what it found are worded on a page."""

from typing import Any

from django.utils import timezone

from marketplace.catalogue.models import Expert, Team
from marketplace.common.codes import industries, regions
from marketplace.common.text import bi, pick
from marketplace.demands.services import corpora
from marketplace.interests.models import Digest, DigestItem, Frequency, Interest, InterestKind, Weekday
from marketplace.interests.selectors import Shown
from marketplace.interests.services.finding import Find
from marketplace.web.navigation import localised

ROOMS = {kind.value: f"/{kind.value}s/" for kind in InterestKind}
MOST_INDUSTRIES = 2


def criteria(interest: Interest) -> list[str]:
    """What is looked for, a piece each."""
    level = "≤" if interest.kind == InterestKind.DEMAND else "≥"
    return [
        str(InterestKind(interest.kind).label),
        *([f"“{interest.text}”"] if interest.text else []),
        *(_place(code) for code in interest.region_codes),
        *(industries.name_of(code) for code in interest.industry_codes),
        *([f"TRL {level} {interest.readiness}"] if interest.readiness else []),
    ]


def rhythm(interest: Interest) -> str:
    """Every day at 09:00, or every Monday at 09:00."""
    at = f"{interest.hour:02d}:00"
    if interest.frequency == Frequency.WEEKLY:
        day = Weekday(interest.weekday).label
        return pick(f"每{day} {at}", f"Every {day} at {at}")
    return pick(f"每天 {at}", f"Every day at {at}")


def facts(interest: Interest) -> list[dict[str, Any]]:
    """The rows of the page's box."""
    quiet = f"{interest.quiet_from:02d}:00–{interest.quiet_until:02d}:00" if interest.quiet_from != interest.quiet_until else "—"
    following = bi("已暂停", "Paused") if interest.is_paused else f"{timezone.localtime(interest.next_at):%Y-%m-%d %H:%M}"
    return [
        {"label": bi("推送", "Digest"), "value": rhythm(interest), "note": bi("北京时间", "Beijing time")},
        {"label": bi("下次", "Next"), "value": following},
        {"label": bi("免打扰", "Quiet"), "value": quiet},
        {"label": bi("邮件", "By mail"), "value": bi("发送", "Yes") if interest.by_mail else bi("不发送", "No")},
    ]


def found(finds: list[Find]) -> list[dict[str, Any]]:
    """What the next digest would hold, for the list of things."""
    return [_row(find.thing, find.words, _room_of(find.thing)) for find in finds]


def told(digest: Digest, things: list[Shown]) -> list[dict[str, Any]]:
    """What a digest held; a thing that is no longer public keeps its place and none of its words."""
    return [_row(shown.thing, shown.item.words, ROOMS[digest.kind]) if shown.thing else _gone(shown.item) for shown in things]


def _row(thing: Any, words: Any, room: str) -> dict[str, Any]:
    return {
        "thing": thing,
        "title": corpora.title_of(thing),
        # An expert's name is the person's own, in no language of ours.
        "named_by": "" if isinstance(thing, Expert) else "name" if isinstance(thing, Team) else "title",
        "href": localised(f"{room}{thing.pk}/"),
        "words": pick("、", ", ").join(words),
        "facts": [thing.organisation.name, thing.region_name, *_industries(thing)],
    }


def _industries(thing: Any) -> list[str]:
    if isinstance(thing, Team | Expert):
        return [industries.name_of(code) for code in thing.industry_codes[:MOST_INDUSTRIES]]
    return [thing.industry_name]


def _gone(item: DigestItem) -> dict[str, Any]:
    return {"thing": None, "href": "", "words": "", "facts": [], "id": item.object_id}


def _room_of(thing: Any) -> str:
    return ROOMS[thing.machine.name]


def _place(code: str) -> str:
    return pick(*regions.PROVINCES[code]) if code in regions.PROVINCES else regions.name_of(code)
