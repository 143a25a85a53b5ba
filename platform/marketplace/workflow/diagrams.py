"""The tables of states as people read them: a mermaid diagram and a table per machine, in Markdown."""

import inspect
from collections.abc import Iterator

from django.utils import translation

from marketplace.common.policy import Policy
from marketplace.workflow import registry
from marketplace.workflow.machine import ESCALATE, Due, Machine, State
from marketplace.workflow.registry import Registered

BEGIN = "<!-- drawn by `manage.py workflow_diagrams`: begin -->"
END = "<!-- drawn by `manage.py workflow_diagrams`: end -->"
UNITS = (("days", 86_400), ("hours", 3_600), ("minutes", 60), ("seconds", 1))


def redrawn(page: str) -> str:
    """Return the page with everything between the two markers drawn anew; ValueError without both markers."""
    head, begin, rest = page.partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"The page lacks the line {BEGIN} or {END}.")
    return f"{head}{BEGIN}\n\n{drawn()}\n{END}{tail}"


def drawn() -> str:
    """Draw every registered machine, by name; durations are the policy's defaults, whatever the settings shorten."""
    return "\n".join(line for registered in registry.everyone() for line in _chapter(registered))


def _chapter(registered: Registered) -> Iterator[str]:
    machine = registered.machine
    names = _names(registered)
    yield from (f"## {_both(machine.label)}: `{machine.name}`", "", "```mermaid", "stateDiagram-v2")
    yield from (f'    state "{names[state]}" as {state}' for state in machine.states)
    yield f"    [*] --> {machine.initial}"
    yield from _arrows(machine)
    yield from (f"    {name} --> [*]" for name, state in machine.states.items() if state.final)
    yield from ("```", "", "| state | whose turn | until | then, by the system |", "|---|---|---|---|")
    yield from (f"| `{name}` {names[name]} | {' | '.join(_rule(state))} |" for name, state in machine.states.items())
    yield ""


def _arrows(machine: Machine) -> Iterator[str]:
    for move in machine.moves:
        for source in move.source:
            yield f"    {source} --> {move.target or source}: {move.action} ({', '.join(move.roles)})"


def _rule(state: State) -> tuple[str, str, str]:
    if state.final:
        return "–", "final", "–"
    if state.follows:
        return state.owner, f"its {state.follows} moves it on", "–"
    if state.private or state.due is None:
        return state.owner, "no clock: a draft", "–"
    then = ", else ".join("escalated" if action == ESCALATE else f"`{action}`" for action in state.on_timeout)
    return state.owner, _until(state.due), then


def _until(due: Due) -> str:
    """Say a due time in words: what `after` and `at` were given, or the sentence of a rule of its own."""
    given = inspect.getclosurevars(due).nonlocals
    if "policy_names" in given:
        return " + ".join(f"{_duration(getattr(Policy(), name))} (`{name}`)" for name in given["policy_names"])
    if "attribute" in given:
        return f"its own `{given['attribute']}`"
    return (inspect.getdoc(due) or "").partition("\n")[0].rstrip(".")


def _duration(seconds: int) -> str:
    """Say seconds in the largest unit that divides them: 3600 is 1 hour."""
    unit, size = next((unit, size) for unit, size in UNITS if seconds % size == 0)
    count = seconds // size
    return f"{count} {unit if count != 1 else unit[:-1]}"


def _names(registered: Registered) -> dict[str, str]:
    labels = dict(registered.model._meta.get_field("state").flatchoices)
    return {state: _both(labels[state]) for state in registered.machine.states}


def _both(label: object) -> str:
    """Put the Chinese and the English side of a label side by side."""
    with translation.override("zh-hans"):
        chinese = str(label)
    with translation.override("en"):
        return f"{chinese} {label}"
