"""The demonstration's saved searches: a company follows solutions, a university follows demands, and a digest has come."""

from datetime import timedelta

from marketplace.common import clock
from marketplace.desk.services.demo_deals import until
from marketplace.desk.services.demo_people import Cast
from marketplace.interests.models import Digest
from marketplace.interests.services import digesting, saving
from matching.app import services as matcher

# So long ago that the first time of the schedule has come.
AGO = timedelta(days=1)
SEARCHES = (
    ("company", {"kind": "achievement", "text": "钠离子电池 正极 低温", "name": "低温钠离子电池"}),
    ("university", {"kind": "demand", "text": "电池 材料 寿命", "name": "电池材料的需求", "frequency": "weekly", "weekday": 0}),
)


def follow(cast: Cast) -> list[Digest]:
    """Save one search for the first company and one for the first university; the company's first digest is made now."""
    # Without quiet hours: a demonstration may be begun at night.
    always = {"quiet_from": 0, "quiet_until": 0}
    # Before it is saved: the stack's own clock looks every minute, and an interest that finds nothing waits a day.
    until(lambda: bool(matcher.rank(corpus="achievement", query=matcher.QueryInput(title="钠离子电池"), k=1)), "the matcher's index")
    with clock.shifted(-AGO.total_seconds()):
        saved = [saving.interest_save(actor=cast.parties[cast.of_kind(kind)[0]], fields={**fields, **always}) for kind, fields in SEARCHES]
    made = digesting.make(saved[0].pk)
    return [made] if made else []
