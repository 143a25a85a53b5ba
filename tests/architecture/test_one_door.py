"""Two rules read from the syntax tree: states change only in workflow, and rules ask only our own clock."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PLACES = ("platform/marketplace", "ledger/app", "matching/app")
STATES = {"state", "status"}
DOOR = ROOT / "platform/marketplace/workflow"
CLOCK = ROOT / "platform/marketplace/common/clock.py"
# Not rules: they wait for processes or measure their own speed.
OUTSIDE_RULES = (ROOT / "platform/marketplace/config",)
CLOCKS = {("timezone", "now"), ("datetime", "now"), ("datetime", "utcnow"), ("datetime", "today"), ("date", "today"), ("time", "time")}


def sources() -> Iterator[Path]:
    for place in PLACES:
        yield from (path for path in sorted((ROOT / place).rglob("*.py")) if "migrations" not in path.parts)


def state_changes(tree: ast.AST) -> Iterator[int]:
    """Lines that assign `.state` or `.status`, or update them in bulk, outside `self.x = ` of a plain class's constructor."""
    for node in ast.walk(tree):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AugAssign | ast.AnnAssign) else []
        for target in targets:
            for part in ast.walk(target):
                if isinstance(part, ast.Attribute) and part.attr in STATES and isinstance(part.ctx, ast.Store):
                    yield part.lineno
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "update" and any(k.arg in STATES for k in node.keywords):
            yield node.lineno
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "setattr":
            name = node.args[1] if len(node.args) > 1 else None
            if isinstance(name, ast.Constant) and name.value in STATES:
                yield node.lineno


def clock_readings(tree: ast.AST) -> Iterator[int]:
    """Lines that ask the machine for the time."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            owner = node.func.value
            name = owner.attr if isinstance(owner, ast.Attribute) else owner.id if isinstance(owner, ast.Name) else ""
            if (name, node.func.attr) in CLOCKS:
                yield node.lineno
        if isinstance(node, ast.ImportFrom) and node.module == "time" and any(alias.name == "time" for alias in node.names):
            yield node.lineno


def parsed(path: Path) -> ast.AST:
    return ast.parse(path.read_text(encoding="utf-8"))


def test_states_change_only_behind_the_one_door() -> None:
    outside = [path for path in sources() if not path.is_relative_to(DOOR)]
    assert [f"{path.relative_to(ROOT)}:{line}" for path in outside for line in state_changes(parsed(path))] == []


def test_rules_ask_only_our_own_clock() -> None:
    inside = [path for path in sources() if path != CLOCK and not any(path.is_relative_to(folder) for folder in OUTSIDE_RULES)]
    assert [f"{path.relative_to(ROOT)}:{line}" for path in inside for line in clock_readings(parsed(path))] == []


def test_the_state_check_sees_every_way_around_the_door() -> None:
    ways = (
        "demand.state = 'open'",
        "a.status, b = 1, 2",
        "demand.state: str = 'open'",
        "Demand.objects.update(state='open')",
        "setattr(demand, 'state', 1)",
    )
    assert [len(list(state_changes(ast.parse(way)))) for way in ways] == [1, 1, 1, 1, 1]
    assert list(state_changes(ast.parse("shown = demand.state == 'open'; Demand.objects.filter(state='open').update(name='x')"))) == []


def test_the_clock_check_sees_every_clock() -> None:
    ways = ("timezone.now()", "datetime.now(UTC)", "datetime.datetime.now()", "time.time()", "date.today()", "from time import time")
    assert [len(list(clock_readings(ast.parse(way)))) for way in ways] == [1] * len(ways)
    assert list(clock_readings(ast.parse("clock.now(); time.monotonic()"))) == []
