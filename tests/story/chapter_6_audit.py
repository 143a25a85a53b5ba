"""8. The auditor sees everything, changes nothing, and verifies offline; the books balance."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import evidence
from client import Client, StoryError, wait_until
from evidence import verify
from world import World

BUNDLE = 256


def tell(world: World) -> None:
    """Trust nobody: download, then verify with one file."""
    cannot_change(world)
    with tempfile.TemporaryDirectory() as folder:
        target = world.keep or Path(folder)
        log = target / "ledger"
        keys = download(world, log)
        said = verify("log", str(log), "--key", keys)
        world.step("auditor", "verifies the whole log offline", verdict=said)
        policy = cosigned(world, log, keys)
        evidence.certificate(world, target, keys, policy)
        evidence.deposit_found(world)
        tampered(world, log, keys)
    books(world)


def cannot_change(world: World) -> None:
    auditor = world.people["auditor"]
    agreement = auditor.get(f"/api/v1/agreements/{world.ids['agreement']}/")
    if agreement["document"]:
        raise StoryError("the auditor reads the agreement's text without the parties' consent")
    refused = auditor.act(
        f"/api/v1/agreements/{world.ids['agreement']}/", "terminate", {"reason": "mutual", "text": "x"}, expect=403, money=True
    )
    auditor.post("/api/v1/demands/", {"title_zh": "试", "region_code": "120116"}, expect=403)
    payout = f"/api/v1/payouts/{auditor.get('/api/v1/payouts/')['results'][0]['id']}/"
    auditor.act(payout, "approve_1", expect=403, money=True)
    seen = (payout, f"/api/v1/agreements/{world.ids['agreement']}/")
    offered = {action["action"] for path in seen for action in auditor.get(path)["actions"]}
    if offered:
        raise StoryError(f"the auditor is offered {sorted(offered)}")
    world.step("auditor", "sees and can change nothing", refused=refused["code"])


def download(world: World, log: Path) -> str:
    """The public log as static files: checkpoint, tiles, entries, keys (C2SP tlog-tiles)."""
    auditor = world.people["auditor"]

    def grown() -> bytes:
        newest = newest_entry(world)
        note: bytes = auditor.get("/ledger/checkpoint").body
        text, _, signatures = note.decode().rpartition("\n\n")
        covered = newest is not None and int(text.splitlines()[1]) > newest
        return note if covered and len(signatures.splitlines()) > 1 else b""

    checkpoint: bytes = wait_until("the agreement's entries to be sealed, and the log to be cosigned", grown)
    (log / "tile").mkdir(parents=True, exist_ok=True)
    (log / "checkpoint").write_bytes(checkpoint)
    size = int(checkpoint.decode().splitlines()[1])
    for level, width in levels(size):
        fetch(auditor, log, level, width)
    fetch(auditor, log, "entries", size)
    keys = auditor.get("/ledger/keys").body.decode()
    (log / "keys").write_text(keys, encoding="utf-8")
    world.step("auditor", "downloads the ledger as static files", entries=size)
    return next(line.split()[-1] for line in keys.splitlines() if line and not line.startswith("#"))


def newest_entry(world: World) -> int | None:
    """The number of the newest entry of the agreement and its parts; None while one of them waits to be signed."""
    offer = world.people["auditor"].get(f"/api/v1/evidence/agreement/{world.ids['agreement']}/")
    return None if offer["waiting"] else max(entry["seq"] for entry in offer["entries"])


def levels(size: int) -> list[tuple[str, int]]:
    found, level = [], 0
    while size:
        found.append((str(level), size))
        size //= BUNDLE
        level += 1
    return found


def fetch(reader: Client, log: Path, level: str, width: int) -> None:
    for index in range(-(-width // BUNDLE)):
        part = min(BUNDLE, width - index * BUNDLE)
        number = f"{index % 1000:03d}"
        rest = index // 1000
        while rest:
            number = f"x{rest % 1000:03d}/{number}"
            rest //= 1000
        path = f"tile/{level}/{number}" + ("" if part == BUNDLE else f".p/{part}")
        file = log / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(reader.get(f"/ledger/{path}").body)


def cosigned(world: World, log: Path, keys: str) -> Path:
    """The policy asks for our witness, who has cosigned; without its line the same log lacks its quorum. Returns the policy."""
    policy = log.with_name("policy")
    policy.write_bytes(world.anyone().get("/ledger/policy").body)
    said = verify("log", str(log), "--key", keys, "--policy", str(policy))
    note = (log / "checkpoint").read_text(encoding="utf-8")
    origin = note.partition("\n")[0]
    head, _, signatures = note.rpartition("\n\n")
    own = [line for line in signatures.splitlines(keepends=True) if line.split(" ")[1] == origin]
    (log / "checkpoint").write_text(f"{head}\n\n{''.join(own)}", encoding="utf-8")
    missing = verify("log", str(log), "--key", keys, "--policy", str(policy), expect=3)
    (log / "checkpoint").write_text(note, encoding="utf-8")
    world.step("auditor", "asks for the witness's cosignature, which is there", verdict=said, without=missing)
    return policy


def tampered(world: World, log: Path, keys: str) -> None:
    """One changed byte is found, and put back."""
    bundle = next(path for path in sorted((log / "tile" / "entries").rglob("*")) if path.is_file())
    good = bundle.read_bytes()
    position = good.index(b'"type":"') + 9
    bundle.write_bytes(good[:position] + bytes([good[position] ^ 1]) + good[position + 1 :])
    said = verify("log", str(log), "--key", keys, expect=1)
    bundle.write_bytes(good)
    world.step("auditor", "changes one byte of a copy: the verifier names it", verdict=said)


def books(world: World) -> None:
    for command in ("check_books", "ledger_verify"):
        done = subprocess.run([sys.executable, "manage.py", command], capture_output=True, text=True, check=False, env=dict(os.environ))
        if done.returncode:
            raise StoryError(f"{command}: {done.stdout} {done.stderr}")
        world.step("auditor", f"{command} finds nothing wrong", said=" ".join(done.stdout.split())[:160])
