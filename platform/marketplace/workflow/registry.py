"""What each feature brings to its table: effects, guards, roles, sight and locks."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from marketplace.common.actor import Actor
from marketplace.workflow.context import Context
from marketplace.workflow.machine import Machine
from marketplace.workflow.models import Stateful

Effect = Callable[..., None]
BulkEffect = Callable[[Sequence[Context[Any]]], None]
Guard = Callable[[Context[Any]], None]
Handler = Callable[[Context[Any]], None]


@dataclass(frozen=True, slots=True)
class Registered:
    """One machine with the code that gives its moves meaning."""

    machine: Machine
    model: type[Stateful]
    roles_of: Callable[[Actor, Any], Iterable[str]]
    visible: Callable[[Actor, Any], bool]
    public: Callable[[Any], bool]
    effects: Mapping[str, Effect] = field(default_factory=dict)
    bulk: Mapping[str, BulkEffect] = field(default_factory=dict)
    guards: Mapping[str, Guard] = field(default_factory=dict)
    locks: Mapping[str, Callable[[Any], Sequence[Any]]] = field(default_factory=dict)


_machines: dict[str, Registered] = {}
_handlers: dict[tuple[str, str], list[Handler]] = {}


def register(
    machine: Machine,
    *,
    model: type[Stateful],
    roles_of: Callable[[Actor, Any], Iterable[str]],
    visible: Callable[[Actor, Any], bool],
    public: Callable[[Any], bool],
    effects: Mapping[str, Effect] | None = None,
    bulk: Mapping[str, BulkEffect] | None = None,
    guards: Mapping[str, Guard] | None = None,
    locks: Mapping[str, Callable[[Any], Sequence[Any]]] | None = None,
) -> None:
    """Join a table with its code; called once per machine from `AppConfig.ready`.

    `visible` says whether an actor may know of the object at all; `public` whether the public
    ledger may name it (else its entries are sealed); `locks` gives, per action, the rows to lock
    before the object itself, parents first; `bulk` gives, for moves that the system makes of many
    objects together, what the effect does to all of them.
    """
    _machines[machine.name] = Registered(machine, model, roles_of, visible, public, effects or {}, bulk or {}, guards or {}, locks or {})


def on_entering(machine: str, state: str, handler: Handler) -> None:
    """Call `handler` in the same transaction whenever an object of a machine has entered a state.

    This is how a room reacts to a room below it without that room knowing.
    """
    handlers = _handlers.setdefault((machine, state), [])
    if handler not in handlers:
        handlers.append(handler)


def handlers_of(machine: str, state: str) -> Sequence[Handler]:
    return tuple(_handlers.get((machine, state), ()))


def of(obj: Stateful) -> Registered:
    """The registration of an object's machine."""
    return _machines[obj.machine.name]


def named(machine: str) -> Registered:
    return _machines[machine]


def everyone() -> Sequence[Registered]:
    """All machines, by name."""
    return tuple(_machines[name] for name in sorted(_machines))
