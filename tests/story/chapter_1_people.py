"""1. The administrator, the staff, the organisations; verification; keys."""

import os
import re
import subprocess
import sys

import uscc
from client import Client, StoryError, wait_until
from world import World

PASSWORD = "correct-horse-battery-staple-津桥"
STAFF = {"reviewer": "reviewer", "finance1": "finance", "finance2": "finance", "auditor": "auditor"}
PARTIES = {
    "company": ("company", "91", "120116", "滨海澜渡装备股份有限公司", "Landu Equipment Co."),
    "university": ("university", "12", "110108", "燕汀工业大学", "Yanting University of Technology"),
    "rival": ("university", "12", "130600", "冀原科技大学", "Jiyuan University of Science"),
    "late": ("university", "12", "120104", "津野理工大学", "Jinye Institute of Technology"),
    "funder1": ("funder", "91", "110102", "渡口科技创业投资有限公司", "Ferry Technology Ventures"),
    "funder2": ("funder", "91", "120101", "海河产业基金管理有限公司", "Haihe Industry Fund"),
    "expert": ("service", "12", "110108", "京畿材料检测研究所", "Jingji Materials Testing Institute"),
}
SCOPES = ["read", "write", "money", "sign"]


def tell(world: World) -> None:
    """Everyone arrives."""
    administrator(world)
    for name, office in STAFF.items():
        appoint(world, name, office)
    for serial, (name, facts) in enumerate(PARTIES.items(), start=1):
        found(world, name, serial, facts)
    unverified_cannot_act(world)
    for name in PARTIES:
        verify(world, name)
    for name in PARTIES:
        make_key(world, name)


def administrator(world: World) -> None:
    email = "admin@jinqiao.example"
    done = subprocess.run(
        [sys.executable, "manage.py", "create_admin", email], capture_output=True, text=True, check=False, env=dict(os.environ)
    )
    link = re.search(r"https?://\S+", done.stdout)
    if done.returncode or not link:
        raise StoryError(f"create_admin said: {done.stdout} {done.stderr}")
    path = link.group(0).rstrip("/").split("/")[-1]
    anyone = world.anyone()
    anyone.expected("POST", "/_allauth/app/v1/auth/password/reset", {"key": path, "password": PASSWORD}, expect=401)
    world.people["admin"] = sign_in(world, email)
    world.step("admin", "is made by create_admin and sets a password by the one-time link", staff=me(world, "admin")["staff"])


def appoint(world: World, name: str, office: str) -> None:
    email = f"{name}@jinqiao.example"
    sign_up(world, email, name)
    world.people["admin"].post("/api/v1/staff/", {"email": email, "role": office}, expect=201)
    world.people[name] = sign_in(world, email)
    world.step("admin", f"appoints {name}", office=me(world, name)["staff"])


def found(world: World, name: str, serial: int, facts: tuple[str, str, str, str, str]) -> None:
    kind, prefix, region, zh, en = facts
    email = f"{name}@{name}.example"
    sign_up(world, email, name)
    client = sign_in(world, email)
    good = uscc.code(prefix, region, serial)
    wrong = good[:-1] + uscc.ALPHABET[(uscc.ALPHABET.index(good[-1]) + 1) % 31]
    body = {"kind": kind, "name_zh": zh, "name_en": en, "region_code": region}
    refused = client.post("/api/v1/organisations/", {**body, "uscc": wrong}, expect=422)
    if refused["code"] != "uscc_invalid":
        raise StoryError(f"a wrong credit code was refused as {refused['code']}")
    made = client.post("/api/v1/organisations/", {**body, "uscc": good}, expect=201)
    client.organisation = made["id"]
    roles = {"roles": ["manager", "signatory", "finance", "member"]}
    client.expected("PUT", f"/api/v1/organisations/{made['id']}/members/{me_of(client)['id']}/", roles, expect=200)
    client.act(f"/api/v1/organisations/{made['id']}/", "submit")
    world.people[name], world.ids[name] = client, made["id"]
    world.step(name, f"signs up, founds {en} and asks for verification (a wrong credit code was refused)", uscc=good)


def unverified_cannot_act(world: World) -> None:
    client = world.people["company"]
    client.get("/api/v1/demands/")
    refused = client.post("/api/v1/demands/", {"title_zh": "试", "region_code": "120116"}, expect=403)
    world.step("company", "can look but not act before verification", refused=refused["code"])


def verify(world: World, name: str) -> None:
    path = f"/api/v1/organisations/{world.ids[name]}/"
    state = world.people["reviewer"].act(path, "verify")["state"]
    world.step("reviewer", f"verifies {name}", state=state)


def make_key(world: World, name: str) -> None:
    session = world.people[name]
    refused = session.post("/api/v1/api-keys/", {"name": "story", "scopes": SCOPES}, expect=403)
    session.post("/_allauth/app/v1/auth/reauthenticate", {"password": PASSWORD})
    made = session.post("/api/v1/api-keys/", {"name": "story", "scopes": SCOPES}, expect=201)
    world.people[name] = Client(world.address, token=made["token"])
    if me(world, name)["organisation_id"] != world.ids[name]:
        raise StoryError("the key does not act for its organisation")
    world.step(name, "makes a scoped API key after entering the password again", first=refused["code"], prefix=made["token"][:12])


def sign_up(world: World, email: str, name: str) -> None:
    """Sign up over JSON, and confirm the address by the link in the stored mail."""
    anyone = world.anyone()
    terms = anyone.get("/api/v1/terms/").body["version"] if "terms" not in world.facts else world.facts["terms"]
    world.facts["terms"] = terms
    body = {"email": email, "password": PASSWORD, "name": name, "language": "zh-hans", "terms_version": terms}
    anyone.expected("POST", "/_allauth/app/v1/auth/signup", body, expect=401)
    mail = wait_until(f"mail to {email}", lambda: anyone.get("/api/v1/demo/mail/", to=email).body)[0]
    found = re.search(r"https?://\S+", mail["body"])
    if not found:
        raise StoryError(f"no link in the mail: {mail['body']}")
    key = found.group(0).rstrip("/").split("/")[-1]
    anyone.expected("POST", "/_allauth/app/v1/auth/email/verify", {"key": key}, expect=401)


def sign_in(world: World, email: str) -> Client:
    client = Client(world.address)
    answer = client.expected("POST", "/_allauth/app/v1/auth/login", {"email": email, "password": PASSWORD}, expect=200)
    client.session = answer["meta"]["session_token"]
    return client


def me(world: World, name: str) -> dict[str, object]:
    return me_of(world.people[name])


def me_of(client: Client) -> dict[str, object]:
    body: dict[str, object] = client.get("/api/v1/me/").body
    return body
