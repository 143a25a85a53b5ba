"""What the story knows as it goes on: its people, its objects, its transcript."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from client import Client


@dataclass
class World:
    """The address, the input, everyone by name, and what has been made so far."""

    address: str
    data: Path
    keep: Path | None
    people: dict[str, Client] = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)
    transcript: list[dict[str, Any]] = field(default_factory=list)
    steps: int = 0

    def anyone(self) -> Client:
        return Client(self.address)

    def step(self, who: str, text: str, **facts: Any) -> None:
        """One step done: printed, and kept for the transcript."""
        self.steps += 1
        shown = "  ".join(f"{name}={value}" for name, value in facts.items())
        print(f"{self.steps:3d}  {who:<10} {text}" + (f"   {shown}" if shown else ""), flush=True)
        self.transcript.append({"step": self.steps, "who": who, "text": text, "at": time.time(), **facts})

    def write_transcript(self) -> None:
        if self.keep is not None:
            lines = [json.dumps(line, ensure_ascii=False) for line in self.transcript]
            (self.keep / "transcript.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")


Chapter = Callable[[World], None]


def yuan(fen: int) -> str:
    """Fen as yuan, for the transcript."""
    return f"¥{fen // 100:,}.{fen % 100:02d}"
