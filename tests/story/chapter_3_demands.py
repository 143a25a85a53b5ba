"""3. to 5. A demand is completed, approved, published and matched; one is claimed, one is bid for."""

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

from client import Answer, StoryError, wait_until
from world import World, yuan

PRICE = 120_000_000  # fen: ¥1,200,000
SMALL = 8_000_000  # fen: ¥80,000
BID_SECONDS = 14


def tell(world: World) -> None:
    """Publish, match, claim, bid, open, award."""
    drafts = newest_drafts(world, 2)
    big = complete(world, drafts[0], "challenge", PRICE, seconds=BID_SECONDS)
    matches(world, big)
    small = complete(world, drafts[1], "claim", SMALL, seconds=600)
    claim(world, small)
    bid(world, big)
    award(world, big)


def newest_drafts(world: World, count: int) -> list[str]:
    rows = world.people["company"].get("/api/v1/demands/", mine="true", state="draft").body["results"]
    if len(rows) < count:
        raise StoryError("the imported demands are not there as drafts")
    return [row["id"] for row in rows[:count]]


def complete(world: World, demand: str, mode: str, price: int, *, seconds: int) -> str:
    """The company completes a draft; the reviewer approves; the company publishes with a real, short deadline."""
    company, path = world.people["company"], f"/api/v1/demands/{demand}/"
    body = {
        "mode": mode,
        "budget_min_fen": price,
        "budget_max_fen": price,
        "deadline": (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat(),
        "readiness_wanted": 6,
        "region_code": "120116",
        "industry_code": "35",
        "acceptance_zh": "第三方检测报告达到指标要求，现场连续运行 30 天。",
        "acceptance_en": "Third-party report meets the indicators; 30 days of continuous running on site.",
        "details_zh": "现场工况与图纸仅供中选团队查看。",
        "contact_name": "联系人甲",
    }
    draft = company.get(path)
    if not draft["text_zh"] and not draft["text_en"]:
        body["text_zh"] = f"{draft['title_zh'] or draft['title_en']}：详见技术指标与验收标准。"
    incomplete = company.act(path, "submit", expect=422)
    company.expected("PATCH", path, body, expect=200)
    company.act(path, "submit")
    world.people["reviewer"].act(path, "approve", {"note": "符合要求"})
    shown = company.act(path, "publish")
    if world.people["university"].get(path)["confidential"] is not None:
        raise StoryError("a bidder could read confidential fields")
    world.step(
        "company", f"publishes a {mode} (incomplete before: {incomplete['code']})", demand=demand, price=yuan(price), state=shown["state"]
    )
    return demand


def matches(world: World, demand: str) -> None:
    """Ranked supply with reasons that sum to the score; and the reverse for the team."""

    def ask(who: str, **query: Any) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = world.people[who].get("/api/v1/matches/", **query).body
        return rows

    supply = wait_until("matches", lambda: ask("company", demand=demand, corpus="achievement"))
    teams = wait_until("teams", lambda: ask("company", demand=demand, corpus="team"))
    back = wait_until("demands for the team", lambda: ask("university", team=world.ids["university.team"]))
    for row in [*supply, *teams, *back]:
        total = sum(t["share"] for t in row["terms"]) + sum(s["share"] for s in row["soft"])
        if abs(total - row["score"]) > 1e-5:
            raise StoryError(f"reasons sum to {total}, the score is {row['score']}")
    best = supply[0]
    world.step(
        "company",
        "reads ranked achievements, each score the sum of its reasons",
        best=best["title"][:24],
        score=round(best["score"], 4),
        rows=len(supply),
    )
    world.step("university", "reads ranked demands for its team", rows=len(back), teams=len(teams))


def claim(world: World, demand: str) -> None:
    """Two teams claim at the same moment: one wins, the other is refused."""
    answers: dict[str, Answer] = {}
    barrier = threading.Barrier(2)

    def go(name: str) -> None:
        barrier.wait()
        path = f"/api/v1/demands/{demand}/actions/claim/"
        answers[name] = world.people[name].send("POST", path, {"team": world.ids[f"{name}.team"]})

    threads = [threading.Thread(target=go, args=(name,)) for name in ("university", "rival")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    statuses = sorted(answer.status for answer in answers.values())
    if statuses != [200, 409]:
        raise StoryError(f"two claims at once were answered {statuses}: {[a.body for a in answers.values()]}")
    winner = next(name for name, answer in answers.items() if answer.status == 200)
    world.step(winner, "claims the small task; the other claim of the same moment is refused", demand=demand, price=yuan(SMALL))


def bid(world: World, demand: str) -> None:
    """Two teams bid, sealed; a third is late."""
    for name, price in (("university", PRICE), ("rival", PRICE - 5_000_000)):
        made = world.people[name].post("/api/v1/bids/", offer(world, name, demand, price), expect=201)
        if made["price_fen"] is not None or not made["commitment"]:
            raise StoryError("a sealed bid shows its price")
        world.ids[f"{name}.bid"] = made["id"]
        world.step(name, "submits a sealed bid", bid=made["id"], commitment=made["commitment"][:16])
    hidden = world.people["company"].get("/api/v1/bids/", demand=demand).body["results"]
    if hidden:
        raise StoryError("the company sees sealed bids")
    seen = world.people["university"].get(f"/api/v1/demands/{demand}/")
    left = (datetime.fromisoformat(seen["deadline"]) - datetime.now(UTC)).total_seconds()
    wait_until("the deadline", lambda: datetime.now(UTC) > datetime.fromisoformat(seen["deadline"]), seconds=max(left, 0) + 5)
    late = world.people["late"].post("/api/v1/bids/", offer(world, "late", demand, PRICE), expect=409)
    world.step("late", "bids after the deadline and is refused", code=late["code"])


def offer(world: World, name: str, demand: str, price: int) -> dict[str, Any]:
    return {
        "demand": demand,
        "team": world.ids[f"{name}.team"],
        "price_fen": price,
        "plan_zh": "分两阶段：样件与台架验证，随后现场试运行。",
        "plan_en": "Two stages: samples on the bench, then a trial on site.",
        "milestones": [
            {"title_zh": "样件与台架", "title_en": "Samples and bench", "days": 60, "share_bp": 4_000},
            {"title_zh": "现场试运行", "title_en": "Trial on site", "days": 120, "share_bp": 6_000},
        ],
    }


def award(world: World, demand: str) -> None:
    """Bids open; the company selects one with a reason for the other; publicity runs; the award stands."""
    company, path = world.people["company"], f"/api/v1/demands/{demand}/"

    def opened() -> Any:
        rows = company.get("/api/v1/bids/", demand=demand).body["results"]
        return rows if len(rows) == 2 and all(row["state"] == "opened" for row in rows) else None

    bids = wait_until("both bids opened", opened, seconds=60)
    world.step("opener", "opens the bids after the deadline", prices=[yuan(row["price_fen"]) for row in bids])
    chosen, other = world.ids["university.bid"], world.ids["rival.bid"]
    refusals = [{"bid": other, "reason": "plan", "text": "台架验证方案不含碱液工况。"}]
    company.act(path, "select", {"bid": chosen, "refusals": refusals})
    wait_until("the award", lambda: company.get(path)["state"] == "awarded", seconds=60)
    told = world.people["rival"].get(f"/api/v1/bids/{other}/").body
    if (told["state"], told["refusal_reason"]) != ("not_selected", "plan"):
        raise StoryError(f"the other team was not told why: {told}")
    world.ids["demand"] = demand
    world.step("company", "awards one bid after publicity; the other is told why", bid=chosen, reason=told["refusal_text"])
