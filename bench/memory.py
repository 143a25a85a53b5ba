"""The most memory that this process held since a moment, in bytes."""

import resource
from pathlib import Path

_STATUS, _RESET = Path("/proc/self/status"), Path("/proc/self/clear_refs")


def from_here() -> int:
    """Forget earlier peaks, where the system can (Linux), and return the most memory until now."""
    if _RESET.exists():
        _RESET.write_text("5", encoding="ascii")
    return most()


def most() -> int:
    """Return the most resident memory; elsewhere than on Linux that of the whole life of the process, which counts KiB or bytes there."""
    if _STATUS.exists():
        said = next(line for line in _STATUS.read_text(encoding="ascii").splitlines() if line.startswith("VmHWM"))
        return int(said.split()[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
