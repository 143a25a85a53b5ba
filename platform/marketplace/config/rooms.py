"""Which rooms of the house have a door yet."""

from importlib.util import find_spec

from django.apps import apps


def exists(module: str) -> bool:
    """Say whether a module can be imported."""
    if not apps.is_installed(".".join(module.split(".")[:2])):
        return False
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:
        return False
