"""6. Wallets are topped up by a bank statement; one campaign succeeds, another misses its goal."""

import csv
import io
from datetime import UTC, datetime, timedelta
from typing import Any

from chapter_3_demands import PRICE
from client import StoryError, wait_until
from world import World, yuan

COMPANY_PART = 70_000_000
CAMPAIGN_PART = PRICE - COMPANY_PART
PLEDGES = {"funder1": 30_000_001, "funder2": CAMPAIGN_PART - 30_000_001}
CAP_BASIS_POINTS = 1_000
TOP_UPS = {"company": 100_000_000, "funder1": 40_000_000, "funder2": 45_000_000}


def tell(world: World) -> None:
    """Money comes in by statement and is held, captured or released to the fen."""
    top_up(world)
    failing = campaign(world, "late-goal", minimum=CAMPAIGN_PART, seconds=14)
    pledge(world, failing, "funder1", 10_000_000)
    misses_its_goal(world, failing)
    good = campaign(world, "main", minimum=CAMPAIGN_PART, seconds=14)
    talk(world, good)
    for name, fen in PLEDGES.items():
        pledge(world, good, name, fen)
    reaches_its_goal(world, good)


def wallet(world: World, name: str) -> dict[str, Any]:
    body: dict[str, Any] = world.people[name].get("/api/v1/wallet/").body
    return body


def top_up(world: World) -> None:
    """A statement with a matching line for each, one line that matches nothing, and the same file again."""
    lines = []
    for index, (name, fen) in enumerate(TOP_UPS.items(), start=1):
        code = world.people[name].post("/api/v1/wallet/top-up-references/", {}, expect=201)["code"]
        lines.append((f"L{index}", fen, name, code))
    lines.append(("L9", 12_345, "unknown", "no reference"))
    out = io.StringIO()
    sheet = csv.writer(out)
    sheet.writerow(["bank_line_id", "booked_at", "amount_yuan", "direction", "payer_name", "payer_account", "reference"])
    for line, fen, name, code in lines:
        sheet.writerow([line, datetime.now(UTC).date().isoformat(), f"{fen // 100}.{fen % 100:02d}", "in", name, f"6222{line}", code])
    content = out.getvalue().encode()
    finance = world.people["finance1"]
    for status in (201, 200):
        told = finance.post("/api/v1/bank-statements/", {}, files={"file": ("statement.csv", content)}, expect=status, money=True)
        if (told["lines_taken"], told["lines_waiting"]) != (len(lines), 1):
            raise StoryError(f"of {len(lines)} lines {told['lines_taken']} are taken and {told['lines_waiting']} instead of 1 wait")
    waiting = finance.get("/api/v1/bank-statements/waiting-lines/")["results"]
    if [line["bank_line_id"] for line in waiting] != ["L9"]:
        raise StoryError(f"instead of L9 alone there wait for an officer: {waiting}")
    world.step("finance1", "has one line in the queue that matches nobody; no wallet got it", amount=yuan(12_345))
    for name, fen in TOP_UPS.items():
        found = wait_until(f"top-up of {name}", lambda name=name: wallet(world, name)["available_fen"])
        if found != fen:
            raise StoryError(f"{name} has {found} fen instead of {fen}")
        world.step(name, "is topped up by a line of the bank statement; importing it twice changes nothing", available=yuan(found))


def campaign(world: World, name: str, *, minimum: int, seconds: int) -> str:
    company = world.people["company"]
    body = {
        "demand": world.ids["demand"],
        "title_zh": "碳化硅密封环寿命提升联合出资",
        "title_en": "Joint funding for longer-lasting seals",
        "text_zh": "用于样件、台架与现场试运行，按里程碑拨付。",
        "text_en": "For samples, bench and trial on site, paid out by milestone.",
        "minimum_fen": minimum,
        "optimum_fen": minimum,
        "deadline": (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat(),
        "max_funders": 5,
        "funder_min_fen": 1_000_000,
        "funder_max_fen": minimum,
        "invited": [world.ids["funder1"], world.ids["funder2"]],
        "terms": {"instrument": "revenue_share", "base": "sales", "share_bp": 500, "cap_bp": CAP_BASIS_POINTS, "years": 5},
        "use_of_funds": use_of_funds(minimum),
    }
    made = company.post("/api/v1/campaigns/", body, expect=201)
    path = f"/api/v1/campaigns/{made['id']}/"
    company.act(path, "submit")
    world.people["reviewer"].act(path, "approve")
    state = company.act(path, "open")["state"]
    world.people["rival"].get(path, expect=404)
    world.ids[f"campaign.{name}"] = made["id"]
    world.step("company", "opens a campaign for the part it does not pay", campaign=made["id"], minimum=yuan(minimum), state=state)
    return str(made["id"])


def use_of_funds(fen: int) -> list[dict[str, Any]]:
    """Two lines that sum to so many fen."""
    tests = {"category": "testing", "purpose_zh": "台架试验", "purpose_en": "Bench tests", "fen": fen - fen // 3}
    return [tests, {"category": "staff", "purpose_zh": "研发人员", "purpose_en": "Researchers", "fen": fen // 3}]


def talk(world: World, campaign_id: str) -> None:
    """A funder asks, the company answers and posts news; nobody else has a word in it."""
    path = f"/api/v1/campaigns/{campaign_id}/"
    asked = world.people["funder1"].post(f"{path}questions/", {"text": "检测报告何时可以查看？"}, expect=201)
    answered = world.people["company"].post(f"{path}questions/{asked['id']}/answer/", {"answer": "随第一个里程碑提交验收。"})
    world.people["company"].post(f"{path}updates/", {"text_zh": "首批样件已完成。", "text_en": "The first samples are made."}, expect=201)
    world.people["rival"].get(f"{path}updates/", expect=404)
    world.step("company", "answers a funder's question and posts news of the campaign", answered=answered["answered_at"])


def answer_questionnaire(world: World, name: str) -> None:
    """Before its first pledge an institution says who it is as a funder; without that nothing is taken."""
    client = world.people[name]
    asked = client.get("/api/v1/suitability/")
    if asked["newest"] is None:
        answers = {question["key"]: question["options"][0]["key"] for question in asked["questions"]}
        made = client.post("/api/v1/suitability/", {"version": asked["version"], "answers": answers}, expect=201)
        world.step(name, "answers the suitability questionnaire, valid for a year", points=made["points"], suitable=made["suitable"])


def pledge(world: World, campaign_id: str, name: str, fen: int) -> None:
    """Pledge with the risk statement accepted; the same key again is the same pledge."""
    client = world.people[name]
    shown = client.get(f"/api/v1/campaigns/{campaign_id}/")
    accepted = {"risk_version": shown["risk_version"], "terms_sha256": shown["terms_sha256"], "suitable": True}
    body = {"campaign": campaign_id, "fen": fen, **accepted}
    key = f"story-{campaign_id}-{name}"
    before = wallet(world, name)
    answer_questionnaire(world, name)
    first = client.expected("POST", "/api/v1/pledges/", body, expect=201, key=key)
    again = client.expected("POST", "/api/v1/pledges/", body, expect=201, key=key)
    missing = client.post("/api/v1/pledges/", body, expect=400)
    after = wallet(world, name)
    if again["id"] != first["id"] or after["held_fen"] - before["held_fen"] != fen:
        raise StoryError(f"one key made two pledges, or the hold is wrong: {before} {after}")
    world.step(
        name,
        "pledges; the risk statement is accepted, the hold is placed, the same key twice is one pledge",
        fen=yuan(fen),
        without_key=missing["code"],
    )


def misses_its_goal(world: World, campaign_id: str) -> None:
    client = world.people["company"]
    path = f"/api/v1/campaigns/{campaign_id}/"
    wait_until("the campaign to fail", lambda: client.get(path)["state"] == "failed_closed", seconds=90)
    found = wallet(world, "funder1")
    if (found["held_fen"], found["available_fen"]) != (0, TOP_UPS["funder1"]):
        raise StoryError(f"the hold was not released to the fen: {found}")
    world.step(
        "system", "closes the campaign that missed its goal; the hold is released to the fen", available=yuan(found["available_fen"])
    )


def reaches_its_goal(world: World, campaign_id: str) -> None:
    client = world.people["company"]
    path = f"/api/v1/campaigns/{campaign_id}/"
    shown = wait_until("the campaign to be funded", lambda: (s := client.get(path)) and s["state"] == "funded" and s, seconds=90)
    if shown["captured_fen"] != CAMPAIGN_PART:
        raise StoryError(f"captured {shown['captured_fen']} instead of {CAMPAIGN_PART}")
    for name, fen in PLEDGES.items():
        left = wallet(world, name)
        if (left["available_fen"], left["held_fen"]) != (TOP_UPS[name] - fen, 0):
            raise StoryError(f"{name} has {left}")
    world.step("system", "closes the campaign at its goal; the holds are captured into escrow", captured=yuan(shown["captured_fen"]))
