"""A team: a group inside one organisation, with a principal investigator and what it can do."""

from typing import ClassVar

from django.contrib.postgres.indexes import GinIndex
from django.db import models

from marketplace.accounts.models import Organisation
from marketplace.catalogue.models import constraints
from marketplace.catalogue.workflow import TEAM, TeamState
from marketplace.common.codes import regions
from marketplace.common.search import SearchField
from marketplace.common.text import bi, pick
from marketplace.workflow.models import Stateful


class Team(Stateful):
    """Who would do the work; the legal party stays its organisation."""

    machine: ClassVar = TEAM

    state = models.CharField(bi("状态", "State"), max_length=32, choices=TeamState, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="teams", verbose_name=bi("单位", "Organisation"))
    ref = models.CharField(
        bi("编号", "Reference"), max_length=64, blank=True, help_text="The organisation's own name for it; imports use it."
    )
    name_zh = models.CharField(bi("中文名称", "Chinese name"), max_length=120, blank=True)
    name_en = models.CharField(bi("英文名称", "English name"), max_length=160, blank=True)
    principal_investigator = models.CharField(bi("负责人", "Principal investigator"), max_length=80)
    summary_zh = models.TextField(bi("中文简介", "Chinese summary"), max_length=4000, blank=True)
    summary_en = models.TextField(bi("英文简介", "English summary"), max_length=6000, blank=True)
    capabilities_zh = constraints.words(bi("能力（中文）", "Capabilities in Chinese"))
    capabilities_en = constraints.words(bi("能力（英文）", "Capabilities in English"))
    region_code = models.CharField(bi("所在地区", "Region"), max_length=6)
    industry_codes = constraints.industry_codes(bi("行业", "Industries"))
    search = SearchField(
        sources=("name_zh", "name_en", "principal_investigator", "summary_zh", "summary_en", "capabilities_zh", "capabilities_en")
    )

    class Meta:
        verbose_name = bi("团队", "team")
        verbose_name_plural = bi("团队", "teams")
        indexes = (
            GinIndex(fields=["search"], name="team_search"),
            models.Index(fields=["state", "-id"], name="team_newest"),
            models.Index(fields=["due_at"], name="team_due", condition=models.Q(due_at__isnull=False)),
        )
        constraints = (
            models.UniqueConstraint(fields=["organisation", "ref"], condition=~models.Q(ref=""), name="team_ref_once_per_organisation"),
            constraints.said_in_a_language("team_has_a_name", "name"),
            constraints.state_known("team_state_is_known", TeamState.values),
            constraints.region_is_a_code("team_region_is_a_code"),
            constraints.industries_known("team_industries_are_known"),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """The name in the reader's language, or the one there is."""
        return pick(self.name_zh, self.name_en)

    @property
    def summary(self) -> str:
        return pick(self.summary_zh, self.summary_en)

    @property
    def capabilities(self) -> list[str]:
        """What it can do, in the reader's language where that is given."""
        return pick_list(self.capabilities_zh, self.capabilities_en)

    @property
    def region_name(self) -> str:
        return regions.name_of(self.region_code)

    @property
    def is_public(self) -> bool:
        return self.state == TeamState.PUBLISHED


def pick_list(zh: list[str], en: list[str]) -> list[str]:
    """The list in the reader's language, or the one there is."""
    wanted = pick("zh", "en")
    return (zh or en) if wanted == "zh" else (en or zh)
