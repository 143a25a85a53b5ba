"""Evidence: a hash laid down before disclosure and found again, a numbered certificate, and the stranger's verifier."""

import collections
import hashlib
import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

from client import StoryError, wait_until
from world import World

IDEA = "浆料泵干气密封端面槽型，第三版\n".encode()
QUORUM_MISSING = 3


def deposit(world: World) -> None:
    """The team lays down the hash of its drawing before anybody sees the drawing, which it keeps to itself."""
    team, digest = world.people["university"], hashlib.sha256(IDEA).hexdigest()
    made = team.post("/api/v1/deposits/", {"title": "密封端面槽型", "sha256": digest, "size": len(IDEA)}, expect=201)
    other = team.post("/api/v1/deposits/", {"title": "密封端面槽型", "sha256": digest[:-1]}, expect=422)
    world.ids["deposit"] = made["id"]
    world.step("university", "deposits the hash of a drawing that it shows nobody", sha256=digest[:16], refused=other["code"])


def deposit_found(world: World) -> None:
    """The same file has the same hash: its owner finds the deposit, and nobody else does."""
    team, digest = world.people["university"], hashlib.sha256(IDEA).hexdigest()
    again = team.post("/api/v1/deposits/", {"title": "密封端面槽型，再存"}, files={"file": ("drawing.txt", IDEA)}, expect=201)
    found = [row["id"] for row in team.get("/api/v1/deposits/", sha256=digest)["results"]]
    if again["sha256"] != digest or again["kept"] or [row["id"] for row in again["earlier"]] != [world.ids["deposit"]]:
        raise StoryError(f"the same file was not recognised: {again.body}")
    if found != [again["id"], world.ids["deposit"]]:
        raise StoryError(f"by its hash were found {found}")
    if world.people["company"].get("/api/v1/deposits/", sha256=digest)["results"]:
        raise StoryError("the company finds the university's deposit")
    first = team.get(f"/api/v1/deposits/{world.ids['deposit']}/")["receipt"]
    world.step("university", "finds the deposit by the file's hash", status=first["status"], seq=first["seq"])


def certificate(world: World, folder: Path, key: str, policy: Path) -> None:
    """A certificate proves the agreement whole: every milestone, the revenue, what was paid out, and for its parties the text."""
    team = certified(world, "university", folder, key, policy)
    if not any(world.ids["agreement.text"] in name for name in team["texts"]):
        raise StoryError(f"the team's certificate holds {team['texts']}, and the agreement's text is not among them")
    known = world.anyone().get(f"/api/v1/certificates/{team['number'].lower()}/")
    if known["zip"] is not None or known["entries"] != team["entries"]:
        raise StoryError(f"a stranger with the number is told {known.body}")
    world.people["company"].get(team["zip"], expect=404)
    auditor = certified(world, "auditor", folder, key, policy)
    if auditor["texts"]:
        raise StoryError(f"the auditor's certificate holds {auditor['texts']} without the parties' consent")


def certified(world: World, who: str, folder: Path, key: str, policy: Path) -> dict[str, Any]:
    """One person has the agreement certified, and verifies what came with the one file of the stranger; returns what was made."""
    person = world.people[who]
    made = person.post(f"/api/v1/evidence/agreement/{world.ids['agreement']}/", {}, expect=201)
    if not person.get(made["pdf"]).body.startswith(b"%PDF-"):
        raise StoryError("the certificate is no PDF")
    file = folder / f"{made['number']}.zip"

    def sound() -> str:
        """Entries of the last seconds may wait for the witness."""
        file.write_bytes(person.get(made["zip"]).body)
        code, said = run("certificate", str(file), "--key", key, "--policy", str(policy))
        if code not in (0, QUORUM_MISSING):
            raise StoryError(f"verify.py certificate exited {code}: {said}")
        return said if code == 0 else ""

    said = wait_until("the certificate's entries to be cosigned", sound)
    with zipfile.ZipFile(io.BytesIO(file.read_bytes())) as archive:
        objects = collections.Counter(one["kind"] for one in json.loads(archive.read("certificate.json"))["objects"])
        texts = [name for name in archive.namelist() if name.startswith("documents/")]
    if objects != {"agreement": 1, "milestone": 2, "revenue": 1, "payout": 3}:
        raise StoryError(f"the certificate covers {dict(objects)}")
    world.step(who, "has the agreement certified whole, and verifies it offline", number=made["number"], **objects, verdict=said)
    return {**made.body, "texts": texts}


def run(*arguments: str) -> tuple[int, str]:
    """What the verifier says, and with which code it ends."""
    done = subprocess.run([sys.executable, "ledger/verify.py", *arguments], capture_output=True, text=True, check=False)
    return done.returncode, " ".join((done.stdout or done.stderr).split())[:160]


def verify(*arguments: str, expect: int = 0) -> str:
    code, said = run(*arguments)
    if code != expect:
        raise StoryError(f"verify.py {arguments[0]} exited {code}: {said}")
    return said
