"""Which rooms of the house have a door yet."""

from importlib.util import find_spec


def exists(module: str) -> bool:
    """Say whether a module can be imported."""
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:
        return False
