"""The demonstration's supply and demand: teams, imported achievements, published demands, bids."""

import io
import json
from datetime import timedelta
from typing import Any

from marketplace.catalogue.importing import running
from marketplace.catalogue.models import Team
from marketplace.catalogue.services import drafting as supply
from marketplace.catalogue.services.uploading import upload
from marketplace.common import clock
from marketplace.common.actor import Actor
from marketplace.demands.models import Bid, Demand
from marketplace.demands.services import bidding, drafting
from marketplace.desk.services.demo_people import DATA, Cast
from marketplace.workflow.performing import perform

PUBLISHED = 26
CLAIMS = 4
# Who wants something that soon works asks for what is protected.
MATURE, PROTECTED = 7, ["granted", "applied"]
DEADLINE_DAYS = (9, 14, 18, 24, 30, 38)


def lines(name: str) -> list[dict[str, Any]]:
    """The rows of one of the demonstration's files."""
    text = (DATA / name).read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines() if line.strip()]


def publish_teams(cast: Cast) -> dict[str, Team]:
    """Every team of every institution."""
    return {fact["key"]: _team(cast.parties[key], fact) for key in cast.of_kind("university") for fact in cast.facts[key]["teams"]}


def bring_achievements(cast: Cast) -> None:
    """Import every achievement as its institution's file."""
    rows = lines("achievements.jsonl")
    for key in cast.of_kind("university"):
        actor = cast.parties[key]
        own = [row for row in rows if row["owner"] == key]
        content = "\n".join(json.dumps({**row, "owner": ""}, ensure_ascii=False) for row in own).encode()
        run = upload(actor=actor, kind="achievements", name=f"{key}.jsonl", stream=io.BytesIO(content), content_type="application/json")
        running.run_import(run.pk)


def _team(actor: Actor, fact: dict[str, Any]) -> Team:
    team = supply.draft_team(
        actor=actor,
        fields={
            "ref": fact["key"],
            "name_zh": fact["name_zh"],
            "name_en": fact["name_en"],
            "principal_investigator": fact["principal_investigator"],
            "summary_zh": fact["summary_zh"],
            "summary_en": fact["summary_en"],
            "capabilities_zh": fact["capabilities"],
            "capabilities_en": fact["capabilities_en"],
            "region_code": fact["region_code"],
            "industry_codes": fact["industry_codes"],
        },
    )
    return perform("publish", team, actor)


def post_demands(cast: Cast) -> list[Demand]:
    """Publish the first demands with deadlines days ahead, a few as claims; leave the rest as drafts."""
    published = []
    for number, row in enumerate(lines("demands.jsonl")):
        claim = number % (PUBLISHED // CLAIMS) == CLAIMS
        days = DEADLINE_DAYS[number % len(DEADLINE_DAYS)]
        demand = draft(cast, row, claim=claim, seconds=days * 86_400 + number * 3_600)
        if number < PUBLISHED:
            published.append(publish(cast, demand, cast.parties[row["owner"]]))
    return published


def draft(cast: Cast, row: dict[str, Any], *, claim: bool, seconds: int) -> Demand:
    """One demand of the file, completed as its company would."""
    high = row["budget_max_yuan"] * 100
    return drafting.demand_create(
        actor=cast.parties[row["owner"]],
        region_code=row["region_code"],
        fields={
            "ref": row["ref"],
            "mode": "claim" if claim else "challenge",
            "title_zh": row["title"],
            "title_en": row["title_en"],
            "text_zh": row["text"],
            "text_en": row["text_en"],
            "acceptance_zh": "以技术指标表为准：第三方检测报告齐备，现场连续运行三十天无异常。",
            "acceptance_en": "By the table of indicators: third-party reports, then thirty days of running on site.",
            "indicators": [{**item, "method_en": item.get("method_en", "")} for item in row["indicators"]],
            "keywords": row["keywords"],
            "industry_code": row["industry_code"],
            "readiness_wanted": row["readiness_wanted"],
            "ipr_wanted": PROTECTED if row["readiness_wanted"] >= MATURE else [],
            "budget_min_fen": high if claim else row["budget_min_yuan"] * 100,
            "budget_max_fen": high,
            "deadline": clock.now() + timedelta(seconds=seconds),
            "details_zh": "现场图纸与介质成分仅供中选团队查看。",
            "contact_name": "技术负责人",
        },
    )


def publish(cast: Cast, demand: Demand, company: Actor) -> Demand:
    """Submit, approve, publish: three moves by two parties."""
    demand = perform("submit", demand, company)
    demand = perform("approve", demand, cast.staff["reviewer"], note="材料齐备")
    return perform("publish", demand, company)


def bid(demand: Demand, team: Team, actor: Actor, fen: int) -> Bid:
    """One sealed bid in two milestones."""
    made, _ = bidding.bid_submit(
        demand=demand,
        team=team,
        actor=actor,
        offer={
            "price_fen": fen,
            "plan_zh": "第一阶段完成样件与台架验证，第二阶段在贵方现场试运行并移交工艺文件。",
            "plan_en": "First samples and bench tests, then a trial on your site with the process documents handed over.",
            "milestones": [
                {"title_zh": "样件与台架验证", "title_en": "Samples and bench tests", "days": 90, "share_bp": 4_000},
                {"title_zh": "现场试运行与移交", "title_en": "Trial on site and hand-over", "days": 150, "share_bp": 6_000},
            ],
        },
    )
    return made
