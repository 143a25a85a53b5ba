"""7. The tri-party agreement: one text, everyone's signature, escrow, milestones, payouts, revenue."""

import hashlib
from typing import Any

from chapter_3_demands import PRICE
from chapter_4_funding import CAMPAIGN_PART, CAP_BASIS_POINTS, COMPANY_PART, PLEDGES, wallet
from client import StoryError, wait_until
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from world import World, yuan

CONTEXT = b"jinqiao/agreement/v1\n"
PARTIES = ("company", "university", "funder1", "funder2")
REVENUE, SHARED, COSTS, COSTS_CAP = 20_000_000, 13_333_333, 777_777, 500_000
TIERS = {
    "costs_cap_fen": COSTS_CAP,
    "funders_cap_bp": CAP_BASIS_POINTS,
    "inventor_share_ppm": 600_000,
    "unit_share_ppm": 400_000,
}
ACCOUNTS = b"sold,price,costs\n12,1666666,777777\n"
FEE_BASIS_POINTS = 200


def tell(world: World) -> None:
    """From the text to the last shared fen."""
    path = draw(world)
    for name in PARTIES:
        sign(world, path, name)
    take_effect(world, path)
    bank_account(world)
    for index, content in enumerate((b"bench report v1\n", b"site trial report v1\n"), start=1):
        milestone(world, path, index, content)
    wait_until("the agreement to complete", lambda: world.people["company"].get(path)["state"] == "completed")
    world.step(
        "system",
        "completes the agreement when the last milestone is released",
        demand=world.people["company"].get(f"/api/v1/demands/{world.ids['demand']}/")["state"],
    )
    revenue(world)


def draw(world: World) -> str:
    company = world.people["company"]
    body = {"demand": world.ids["demand"], "campaign": world.ids["campaign.main"], "contract_type": "development.commissioned", **TIERS}
    wrong = company.post("/api/v1/agreements/", {**body, "unit_share_ppm": 399_999}, expect=422)
    made = company.post("/api/v1/agreements/", body, expect=201)
    path = f"/api/v1/agreements/{made['id']}/"
    if (made["company_fen"], made["campaign_fen"]) != (COMPANY_PART, CAMPAIGN_PART):
        raise StoryError(f"sources are {made['company_fen']} and {made['campaign_fen']}")
    frozen = company.act(path, "freeze_text")
    world.ids["agreement"], world.ids["agreement.text"] = made["id"], frozen["document_sha256"]
    world.step(
        "company",
        "draws up the tri-party agreement and freezes its text",
        agreement=made["id"],
        sha256=frozen["document_sha256"][:16],
        refused=wrong["code"],
    )
    return path


def sign(world: World, path: str, name: str) -> None:
    """Sign the very bytes the API shows, with a key that never leaves the party's hands."""
    client, private = world.people[name], Ed25519PrivateKey.generate()
    key = client.post("/api/v1/signing-keys/", {"public_key": private.public_key().public_bytes_raw().hex()}, expect=201)
    shown = client.get(path)
    if hashlib.sha256(shown["document"].encode()).hexdigest() != shown["document_sha256"]:
        raise StoryError("the text does not have the hash that is signed")
    statement = shown["statement"].encode()
    bad = client.act(path, "sign", {"key": key["id"], "signature": private.sign(b"something else").hex()}, expect=422)
    after = client.act(path, "sign", {"key": key["id"], "signature": private.sign(CONTEXT + statement).hex()})
    world.step(name, "signs the same bytes (a signature over other bytes was refused)", state=after["state"], refused=bad["code"])


def take_effect(world: World, path: str) -> None:
    before = wallet(world, "company")["available_fen"]
    shown = world.people["company"].act(path, "conditions_met", money=True)
    after = wallet(world, "company")["available_fen"]
    if shown["state"] != "active" or before - after != COMPANY_PART:
        raise StoryError(f"state {shown['state']}, the company paid {before - after}")
    world.step(
        "company",
        "funds the escrow, and the agreement is in force",
        price=yuan(PRICE),
        company=yuan(COMPANY_PART),
        campaign=yuan(CAMPAIGN_PART),
    )


def bank_account(world: World) -> None:
    body = {"holder_name": "燕汀工业大学", "bank_name": "渡口银行海淀支行", "number": "6222020000001234567"}
    made = world.people["university"].post("/api/v1/bank-accounts/", body, expect=201)
    early = world.people["university"].post(f"/api/v1/bank-accounts/{made['id']}/verify/", {}, expect=403)
    world.people["finance1"].post(f"/api/v1/bank-accounts/{made['id']}/verify/", {}, expect=200)
    world.step("university", "names its bank account, which a finance officer verifies", account=made["id"], itself=early["code"])


def milestone(world: World, path: str, ordinal: int, content: bytes) -> None:
    """Deliver a file, accept it, and pay the team less the fee after two different approvers."""
    team, company = world.people["university"], world.people["company"]
    row = next(m for m in company.get(path)["milestones"] if m["ordinal"] == ordinal)
    one = f"/api/v1/milestones/{row['id']}/"
    delivered = team.act(one, "submit", {"note": "report"}, files={"file": (f"report-{ordinal}.txt", content)})
    if delivered["deliverable_sha256"] != hashlib.sha256(content).hexdigest():
        raise StoryError("the recorded hash is not the file's")
    accepted = company.act(one, "accept", {"note": "符合约定"}, money=True)
    fee = row["fen"] * FEE_BASIS_POINTS // 10_000
    if accepted["state"] != "released" or accepted["fee_fen"] != fee:
        raise StoryError(f"milestone {accepted['state']}, fee {accepted['fee_fen']} instead of {fee}")
    world.step(
        "company", f"accepts milestone {ordinal}", sha256=delivered["deliverable_sha256"][:16], net=yuan(row["fen"] - fee), fee=yuan(fee)
    )
    payout(world, row["fen"] - fee)


def payout(world: World, fen: int) -> None:
    first, second = world.people["finance1"], world.people["finance2"]
    rows = wait_until("the payout request", lambda: [r for r in first.get("/api/v1/payouts/").body["results"] if r["state"] == "requested"])
    row = next(r for r in rows if r["fen"] == fen)
    path = f"/api/v1/payouts/{row['id']}/"
    first.act(path, "approve_1", money=True)
    same = first.act(path, "approve_2", expect=409, money=True)
    second.act(path, "approve_2", money=True)
    wait_until("the payout to be paid", lambda: first.get(path)["state"] in ("paid", "settled"), seconds=90)
    world.step("finance", "pays the team after two different approvers", fen=yuan(fen), same_person=same["code"])


def revenue(world: World) -> None:
    """Revenue is reported with its accounts, audited by team and funders, paid in, and divided by tiers, exact to the fen."""
    company = world.people["company"]
    body = {
        "agreement": world.ids["agreement"],
        "period_from": "2027-01-01",
        "period_to": "2027-12-31",
        "revenue_fen": REVENUE,
        "costs_fen": COSTS,
        "shared_fen": SHARED,
    }
    made = company.post("/api/v1/revenue-reports/", body, files={"evidence": ("accounts-2027.csv", ACCOUNTS)}, expect=201)
    path = f"/api/v1/revenue-reports/{made['id']}/"
    audit(world, path)
    company.act(path, "pay_in", money=True)
    world.people["finance1"].act(path, "approve")
    before = {name: wallet(world, name)["available_fen"] for name in (*PLEDGES, "company")}
    shown = world.people["finance2"].act(path, "distribute", money=True).body
    check_parts(world, shown, before)
    team = sum(row["fen"] for row in shown["distributions"] if row["tier"] == 3)
    world.step(
        "finance",
        "divides revenue by tiers: costs, funders to their caps, inventors and institution, exact to the fen",
        shared=yuan(SHARED),
        parts=[row["fen"] for row in shown["distributions"]],
    )
    payout(world, team)


def audit(world: World, path: str) -> None:
    """A funder reads the accounts and asks; the audit ends when the company has answered and all have found the report right."""
    funder, company = world.people["funder1"], world.people["company"]
    if funder.get(f"{path}evidence/").body != ACCOUNTS:
        raise StoryError("the funder does not read the accounts that the company handed in")
    asked = funder.act(path, "ask", {"text": "Do the costs include freight?"}).body["questions"]
    early = company.act(path, "pay_in", expect=409, money=True)
    for name in ("university", "funder1", "funder2"):
        world.people[name].act(path, "verify")
    after = company.act(path, "answer", {"question": asked[0]["id"], "text": "No, they do not."})
    if after["state"] != "verified":
        raise StoryError(f"the report is {after['state']} although everybody agrees")
    world.step("funder1", "audits the report: reads the accounts, asks, and finds it right with the others", refused=early["code"])


def check_parts(world: World, shown: dict[str, Any], before: dict[str, int]) -> None:
    parts = shown["distributions"]
    caps = {name: fen * CAP_BASIS_POINTS // 10_000 for name, fen in PLEDGES.items()}
    due = {"costs_fen": COSTS_CAP, "funders_fen": sum(caps.values()), "rest_fen": SHARED - COSTS_CAP - sum(caps.values())}
    if sum(row["fen"] for row in parts) != SHARED or shown["tiers"] != due:
        raise StoryError(f"the parts are {shown['tiers']} instead of {due}: {parts}")
    for name, cap in caps.items():
        got = sum(row["fen"] for row in parts if row["organisation"] == world.ids[name])
        if wallet(world, name)["available_fen"] - before[name] != got or got != cap:
            raise StoryError(f"{name} was not credited its cap of {cap}")
