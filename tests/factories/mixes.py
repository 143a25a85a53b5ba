"""Learned mixes for tests, as they are kept once they were learned."""

from typing import Any

from marketplace.common import clock
from marketplace.common.actor import Actor
from marketplace.demands.services.mixing import mix_switch
from matching.app.models import MixVersion
from matching.engine.mixing import Mix


def kept(*, holds: bool = True, **factors: int) -> int:
    """The number of a new mix with these factors (title_pair_rare=1500), which holds or is worse than the fixed one."""
    mix = Mix({name.replace("_", " "): factor for name, factor in factors.items()})
    figures: dict[str, Any] = {"demands": 80, "pairs": 900, "fixed": 0.7, "learned": 0.8 if holds else 0.6, "chance": 0.001}
    number = MixVersion.objects.count() + 1
    stated = {"number": number, "at": clock.now(), "sources": ["signals"], "sha256": mix.sha256, "factors": dict(mix.factors)}
    return MixVersion.objects.create(**stated, **figures, holds=holds).number


def in_the_world(admin: Actor) -> None:
    """One that holds and was used for a while, and one that does not hold."""
    good, _ = kept(title_pair_rare=1500, keywords_sequence_usual=400), kept(holds=False, body_beginning_common=0)
    mix_switch(actor=admin, version=good, reason="更准")
    mix_switch(actor=admin, version=None, reason="退回")
