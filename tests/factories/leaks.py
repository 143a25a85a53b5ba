"""Whether an answer holds a word of the world that is not for its reader."""

from tests.factories.world import World


def leaked(world: World, role: str, content: bytes) -> list[str]:
    """The secrets in this content which the role may not read."""
    text = content.decode("utf-8", "replace")
    return [secret for secret, readers in world.secrets.items() if role not in readers and secret in text]
