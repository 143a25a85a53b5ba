"""Figures of one measurement: printed as a table, and written to build/bench/<name>.json for whoever compares machines or versions."""

import json
import os
from dataclasses import dataclass, field
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[1] / "build" / "bench"
WIDTH = 62


@dataclass(frozen=True)
class Figure:
    """A value with its unit; the yardstick is the same unit measured in the same run on something plainer, the ratio value to yardstick."""

    value: float
    unit: str
    yardstick: float | None = None

    @property
    def ratio(self) -> float | None:
        return self.value / self.yardstick if self.yardstick else None

    def to_json(self) -> dict[str, float | str | None]:
        return {"value": rounded(self.value), "unit": self.unit, "yardstick": rounded(self.yardstick), "ratio": rounded(self.ratio)}


@dataclass
class Figures:
    """The figures of one program under bench/, in the order in which they were taken."""

    name: str
    taken: dict[str, Figure] = field(default_factory=dict)

    def take(self, label: str, value: float, unit: str, *, yardstick: float | None = None) -> None:
        """Keep a figure and print its line at once, so that a long measurement shows that it lives."""
        if not self.taken:
            print(f"{self.name}: {os.cpu_count()} CPUs, load {os.getloadavg()[0]:.1f}")
            print(f"{'':<{WIDTH}}{'':>12} {'':<12}{'yardstick':>12}{'ratio':>8}")
        figure = self.taken[label] = Figure(value, unit, yardstick)
        beside = "" if figure.ratio is None else f"{shown(yardstick):>12}{figure.ratio:8.2f}"
        print(f"{label:<{WIDTH}}{shown(value):>12} {unit:<12}{beside}", flush=True)

    @staticmethod
    def tell(words: str) -> None:
        """Say what is being made ready, where the next figure is long in coming."""
        print(f"… {words}", flush=True)

    def write(self) -> Path:
        """Write build/bench/<name>.json: {figure: {value, unit, yardstick, ratio}}."""
        FOLDER.mkdir(parents=True, exist_ok=True)
        file = FOLDER / f"{self.name}.json"
        content = {label.strip(): figure.to_json() for label, figure in self.taken.items()}
        file.write_text(json.dumps(content, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
        print(flush=True)
        return file


def shown(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}" if value >= 1000 else f"{value:,.3g}"


def rounded(value: float | None) -> float | None:
    """Four significant digits: what lies behind them is noise."""
    return None if value is None else float(f"{value:.4g}")
