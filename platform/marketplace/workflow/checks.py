"""System check: every table is sound and every registered effect and guard has its move."""

import inspect
from typing import Any

from django.core.checks import Error, register

from marketplace.workflow import registry


def install() -> None:
    register(machines_are_sound, "workflow")


def machines_are_sound(**_: Any) -> list[Error]:
    """Limbo states, unknown states, and code for moves that no table has."""
    errors = []
    for registered in registry.everyone():
        name = registered.machine.name
        errors += [Error(f"{name}: {fault}", id="workflow.E001") for fault in registered.machine.faults()]
        for what in (registered.effects, registered.bulk, registered.guards, registered.locks):
            errors += [
                Error(f"{name}: {action!r} is registered, but no move has it", id="workflow.E002")
                for action in what
                if action not in registered.machine.by_action
            ]
        for action, effect in registered.effects.items():
            data = list(inspect.signature(effect).parameters.values())[1:]
            errors += [
                Error(f"{name}.{action}: effects take keyword-only data", id="workflow.E003")
                for parameter in data
                if parameter.kind is not inspect.Parameter.KEYWORD_ONLY
            ]
    return errors
