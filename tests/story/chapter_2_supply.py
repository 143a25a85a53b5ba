"""2. The university deposits what it will show later and imports its achievements, the company its demands."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import evidence
from client import StoryError, wait_until
from world import World

BAD_ROWS = [{"ref": "", "title": "无编号"}, {"ref": "BAD-2", "title": "x", "readiness": 12}]


def tell(world: World) -> None:
    """Everything good goes in; a second time nothing changes."""
    for name, team in (("university", "先进陶瓷与密封团队"), ("rival", "摩擦学团队"), ("late", "表面工程课题组")):
        make_team(world, name, team)
    make_expert(world)
    evidence.deposit(world)
    for who, kind, file in (("university", "achievements", "achievements.jsonl"), ("company", "demands", "demands.jsonl")):
        bring(world, who, kind, world.data / file)


def make_team(world: World, name: str, title: str) -> None:
    client = world.people[name]
    body = {
        "name_zh": title,
        "name_en": f"{name} team",
        "principal_investigator": "沈知远",
        "summary_zh": "从事机械密封、先进陶瓷材料、耐腐蚀涂层与智能检测的研究与工程化。",
        "summary_en": "Mechanical seals, advanced ceramics, corrosion-resistant coatings and machine inspection, from laboratory to plant.",
        "capabilities_zh": ["密封", "碳化硅", "智能制造", "检测"],
        "capabilities_en": ["seals", "silicon carbide", "inspection"],
        "industry_codes": ["35"],
    }
    made = client.post("/api/v1/teams/", body, expect=201)
    state = client.act(f"/api/v1/teams/{made['id']}/", "publish")["state"]
    world.ids[f"{name}.team"] = made["id"]
    world.step(name, f"publishes the team {title}", team=made["id"], state=state)


def make_expert(world: World) -> None:
    client = world.people["expert"]
    person = client.get("/api/v1/me/")["id"]
    body = {"person": person, "fields_zh": ["材料检测"], "fields_en": ["materials testing"], "summary_zh": "高温腐蚀与密封件检测。"}
    made = client.post("/api/v1/experts/", body, expect=201)
    client.act(f"/api/v1/experts/{made['id']}/", "submit")
    world.step("expert", "enters the expert pool", expert=made["id"])


def bring(world: World, who: str, kind: str, file: Path) -> None:
    """Import a file with two bad rows added, then the same file again."""
    rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
    for row in rows:
        for name in ("owner", "team"):
            row.pop(name, None)
    content = "\n".join(json.dumps(row, ensure_ascii=False) for row in [*rows, *BAD_ROWS]).encode()
    first = finished(world, who, kind, file.name, content)
    if (first["created"], first["bad"]) != (len(rows), 2):
        raise StoryError(f"imported {first}, expected {len(rows)} created and 2 bad")
    table = csv.DictReader(io.StringIO(world.people[who].get(f"/api/v1/imports/{first['id']}/errors/").body.decode("utf-8-sig")))
    errors = [row for row in table if row["field"] and row["reason_zh"] and row["reason_en"]]
    if {int(row["line"]) for row in errors} != {len(rows) + 1, len(rows) + 2}:
        raise StoryError(f"the bad rows are not listed by line, field and reason: {errors}")
    again = finished(world, who, kind, file.name, content)
    if (again["created"], again["updated"], again["unchanged"]) != (0, 0, len(rows)):
        raise StoryError(f"a second import changed something: {again}")
    world.facts[kind] = rows
    world.step(who, f"imports {kind}; the same file again changes nothing", created=first["created"], bad=first["bad"], errors=len(errors))


def finished(world: World, who: str, kind: str, name: str, content: bytes) -> Any:
    client = world.people[who]
    run = client.post("/api/v1/imports/", {"kind": kind}, files={"file": (name, content)}, expect=202)

    def done() -> Any:
        seen = client.get(f"/api/v1/imports/{run['id']}/").body
        if seen["phase"] == "failed":
            raise StoryError(f"the import failed: {seen}")
        return seen if seen["phase"] == "done" else None

    return wait_until(f"import of {name}", done, seconds=120)
