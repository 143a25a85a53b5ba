"""The tables of the catalogue."""

from marketplace.catalogue.models.achievements import UNTIL_A_DAY, Achievement, IprStatus
from marketplace.catalogue.models.experts import Expert
from marketplace.catalogue.models.imports import ImportFault, ImportPhase, ImportRun
from marketplace.catalogue.models.teams import Team

__all__ = ["UNTIL_A_DAY", "Achievement", "Expert", "ImportFault", "ImportPhase", "ImportRun", "IprStatus", "Team"]
