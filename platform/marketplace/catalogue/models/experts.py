"""An expert: a person whom an organisation puts on the register."""

from typing import ClassVar

from django.contrib.postgres.indexes import GinIndex
from django.db import models

from marketplace.accounts.models import Organisation, Person
from marketplace.catalogue.models import constraints
from marketplace.catalogue.models.teams import pick_list
from marketplace.catalogue.workflow import EXPERT, ExpertState
from marketplace.common.codes import regions
from marketplace.common.search import SearchField
from marketplace.common.text import bi, pick
from marketplace.workflow.models import Stateful


class Expert(Stateful):
    """What one person knows, told by their organisation and checked by a reviewer; the name stays with the person."""

    machine: ClassVar = EXPERT

    state = models.CharField(bi("状态", "State"), max_length=32, choices=ExpertState, editable=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="expertise", verbose_name=bi("本人", "Person"))
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="experts", verbose_name=bi("单位", "Organisation")
    )
    fields_zh = constraints.words(bi("专长（中文）", "Fields in Chinese"))
    fields_en = constraints.words(bi("专长（英文）", "Fields in English"))
    summary_zh = models.TextField(bi("中文简介", "Chinese summary"), max_length=4000, blank=True)
    summary_en = models.TextField(bi("英文简介", "English summary"), max_length=6000, blank=True)
    region_code = models.CharField(bi("所在地区", "Region"), max_length=6)
    industry_codes = constraints.industry_codes(bi("行业", "Industries"))
    search = SearchField(sources=("fields_zh", "fields_en", "summary_zh", "summary_en"))

    class Meta:
        verbose_name = bi("专家", "expert")
        verbose_name_plural = bi("专家", "experts")
        indexes = (
            GinIndex(fields=["search"], name="expert_search"),
            models.Index(fields=["state", "-id"], name="expert_newest"),
            models.Index(fields=["due_at"], name="expert_due", condition=models.Q(due_at__isnull=False)),
        )
        constraints = (
            models.UniqueConstraint(
                fields=["person", "organisation"],
                condition=~models.Q(state__in=[ExpertState.REJECTED, ExpertState.WITHDRAWN]),
                name="expert_once_per_organisation",
            ),
            constraints.said_in_a_language("expert_has_a_summary", "summary"),
            constraints.state_known("expert_state_is_known", ExpertState.values),
            constraints.region_is_a_code("expert_region_is_a_code"),
            constraints.industries_known("expert_industries_are_known"),
        )

    def __str__(self) -> str:
        return f"{self.person_id} @ {self.organisation_id}"

    @property
    def summary(self) -> str:
        """The summary in the reader's language, or the one there is."""
        return pick(self.summary_zh, self.summary_en)

    @property
    def fields(self) -> list[str]:
        return pick_list(self.fields_zh, self.fields_en)

    @property
    def region_name(self) -> str:
        return regions.name_of(self.region_code)

    @property
    def is_public(self) -> bool:
        return self.state == ExpertState.PUBLISHED
