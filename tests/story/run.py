"""The whole story over the public HTTP API: `make story`. The stack runs beside it; its address is in SITE_URL."""

import os
import sys
import time
from pathlib import Path

import chapter_1_people
import chapter_2_supply
import chapter_3_demands
import chapter_4_funding
import chapter_5_agreement
import chapter_6_audit
from client import StoryError
from world import World

ROOT = Path(__file__).resolve().parents[2]
OWN_DATA = ROOT / "platform" / "marketplace" / "desk" / "demo"
CHAPTERS = (chapter_1_people, chapter_2_supply, chapter_3_demands, chapter_4_funding, chapter_5_agreement, chapter_6_audit)


def main() -> int:
    """Tell every chapter; 0 when all steps passed, 1 with the failed step otherwise."""
    keep = Path(os.environ["STORY_KEEP"]) if os.environ.get("STORY_KEEP") else None
    if keep is not None:
        keep.mkdir(parents=True, exist_ok=True)
    world = World(address=os.environ["SITE_URL"], data=Path(os.environ.get("STORY_DATA") or OWN_DATA), keep=keep)
    begun = time.monotonic()
    for chapter in CHAPTERS:
        print(f"\n{(chapter.__doc__ or '').strip()}", flush=True)
        try:
            chapter.tell(world)
        except StoryError as failure:
            print(f"\nstory: step {world.steps + 1} failed after {time.monotonic() - begun:.0f} s: {failure}", file=sys.stderr)
            return 1
        finally:
            world.write_transcript()
    print(f"\n{time.monotonic() - begun:.0f} s")
    print(f"story: {world.steps} steps passed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
