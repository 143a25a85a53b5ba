"""The whole story over the public HTTP API: `make story`. The stack runs beside it; its address is in SITE_URL."""

import os
import sys
import time
import traceback
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

import chapter_1_people
import chapter_2_supply
import chapter_3_demands
import chapter_4_funding
import chapter_5_agreement
import chapter_6_audit
from client import StoryError
from world import World

HERE = Path(__file__).resolve().parent
OWN_DATA = HERE.parents[1] / "platform" / "marketplace" / "desk" / "demo"
CHAPTERS = (chapter_1_people, chapter_2_supply, chapter_3_demands, chapter_4_funding, chapter_5_agreement, chapter_6_audit)


def main() -> int:
    """Tell every chapter; 0 when all steps passed, 1 with the failed step otherwise."""
    keep = Path(os.environ["STORY_KEEP"]) if os.environ.get("STORY_KEEP") else None
    if keep is not None:
        keep.mkdir(parents=True, exist_ok=True)
    return tell(World(address=os.environ["SITE_URL"], data=Path(os.environ.get("STORY_DATA") or OWN_DATA), keep=keep), CHAPTERS)


def tell(world: World, chapters: Sequence[ModuleType]) -> int:
    """Tell these chapters in order; whatever goes wrong ends the story with the chapter and the number of the step."""
    begun = time.monotonic()
    for chapter in chapters:
        print(f"\n{(chapter.__doc__ or '').strip()}", flush=True)
        try:
            try:
                chapter.tell(world)
            finally:
                world.write_transcript()
        except Exception as failure:  # noqa: BLE001 - a refused connection fails a step as much as a wrong answer does
            where = f"{chapter.__name__}, step {world.steps + 1}"
            print(f"\nstory: {where} failed after {time.monotonic() - begun:.0f} s: {told(failure)}", file=sys.stderr)
            return 1
    print(f"\n{time.monotonic() - begun:.0f} s")
    print(f"story: {world.steps} steps passed")
    return 0


def told(failure: Exception) -> str:
    """What went wrong; unless the story itself says it, with the kind of error and the story's own line that met it."""
    if isinstance(failure, StoryError):
        return str(failure)
    frames = [frame for frame in traceback.extract_tb(failure.__traceback__) if Path(frame.filename).parent == HERE]
    return f"{type(failure).__name__}: {failure or 'no more is said'} ({Path(frames[-1].filename).name}:{frames[-1].lineno})"


if __name__ == "__main__":
    sys.exit(main())
