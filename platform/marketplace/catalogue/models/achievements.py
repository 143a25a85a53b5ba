"""An achievement: a result of research that its owner offers."""

from datetime import datetime
from typing import ClassVar

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils.timezone import localtime

from marketplace.accounts.models import Organisation
from marketplace.catalogue.models import constraints
from marketplace.catalogue.models.teams import Team, pick_list
from marketplace.catalogue.workflow import ACHIEVEMENT, AchievementState
from marketplace.common.codes import industries, regions
from marketplace.common.search import SearchField
from marketplace.common.text import bi, pick
from marketplace.workflow.models import Stateful


class IprStatus(models.TextChoices):
    """How the result is protected."""

    NONE = "none", bi("未保护", "Not protected")
    APPLIED = "applied", bi("专利申请中", "Patent applied for")
    GRANTED = "granted", bi("专利已授权", "Patent granted")
    COPYRIGHT = "copyright", bi("软件著作权", "Software copyright")
    SECRET = "secret", bi("技术秘密", "Trade secret")


# What protects until a day that is known from the start; a secret lasts as long as it is kept, an application until it is decided.
UNTIL_A_DAY = (IprStatus.GRANTED, IprStatus.COPYRIGHT)


# What conditions of matches ask of an achievement beside its price, and what is answered.
ALL_THAT_IS_ASKED = ("due_at", "ipr_status", "protected_until", "region_code", "industry_code", "readiness", "id")


class Achievement(Stateful):
    """One result, known to its owner by `ref`; `declared` where only the institution vouches for it."""

    machine: ClassVar = ACHIEVEMENT

    state = models.CharField(bi("状态", "State"), max_length=32, choices=AchievementState, editable=False)
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="achievements", verbose_name=bi("单位", "Organisation")
    )
    team = models.ForeignKey(
        Team, on_delete=models.PROTECT, null=True, blank=True, related_name="achievements", verbose_name=bi("团队", "Team")
    )
    ref = models.CharField(bi("编号", "Reference"), max_length=64)
    title_zh = models.CharField(bi("中文名称", "Chinese title"), max_length=200, blank=True)
    title_en = models.CharField(bi("英文名称", "English title"), max_length=300, blank=True)
    summary_zh = models.TextField(bi("中文简介", "Chinese summary"), max_length=8000, blank=True)
    summary_en = models.TextField(bi("英文简介", "English summary"), max_length=12000, blank=True)
    keywords_zh = constraints.words(bi("关键词（中文）", "Keywords in Chinese"))
    keywords_en = constraints.words(bi("关键词（英文）", "Keywords in English"), longest=120)
    industry_code = models.CharField(bi("行业", "Industry"), max_length=2, blank=True)
    region_code = models.CharField(bi("所在地区", "Region"), max_length=6)
    readiness = models.PositiveSmallIntegerField(bi("技术就绪度", "Readiness"), null=True, blank=True)
    ipr_status = models.CharField(bi("知识产权", "Protection"), max_length=10, choices=IprStatus, default=IprStatus.NONE)
    protected_until = models.DateField(bi("保护期至", "Protected until"), null=True, blank=True)
    price_fen = models.BigIntegerField(bi("意向价格（分）", "Asking price (fen)"), null=True, blank=True)
    expires_at = models.DateTimeField(bi("有效期至", "Valid until"), null=True, editable=False)
    declared = models.BooleanField(bi("由单位声明，未经核验", "Declared by the institution, not verified"), default=True, editable=False)
    search = SearchField(sources=("ref", "title_zh", "title_en", "summary_zh", "summary_en", "keywords_zh", "keywords_en"))

    class Meta:
        verbose_name = bi("成果", "achievement")
        verbose_name_plural = bi("成果", "achievements")
        indexes = (
            GinIndex(fields=["search"], name="achievement_search"),
            models.Index(fields=["state", "-id"], name="achievement_newest"),
            models.Index(fields=["due_at"], name="achievement_due", condition=models.Q(due_at__isnull=False)),
            # What a condition of a match takes out is counted by these alone, and the first tells what meets all conditions without a
            # look at the table (demands/services/counting.py, conditions.py).
            *(
                models.Index(
                    fields=fields, include=include, condition=models.Q(state=AchievementState.PUBLISHED), name=f"achievement_by_{name}"
                )
                for name, fields, include in (
                    ("price", ["price_fen"], ALL_THAT_IS_ASKED),
                    ("protection", ["ipr_status", "protected_until"], ["due_at"]),
                    ("region", ["region_code"], ["due_at"]),
                    ("industry", ["industry_code"], ["due_at"]),
                    ("readiness", ["readiness"], ["due_at"]),
                )
            ),
        )
        constraints = (
            models.UniqueConstraint(fields=["organisation", "ref"], name="achievement_ref_once_per_organisation"),
            models.CheckConstraint(condition=~models.Q(ref=""), name="achievement_has_a_ref"),
            constraints.said_in_a_language("achievement_has_a_title", "title"),
            constraints.state_known("achievement_state_is_known", AchievementState.values),
            constraints.region_is_a_code("achievement_region_is_a_code"),
            models.CheckConstraint(
                condition=models.Q(industry_code__in=["", *sorted(industries.DIVISIONS)]), name="achievement_industry_is_known"
            ),
            models.CheckConstraint(
                condition=models.Q(readiness=None) | models.Q(readiness__range=(1, 9)), name="achievement_readiness_is_1_to_9"
            ),
            models.CheckConstraint(condition=models.Q(price_fen=None) | models.Q(price_fen__gt=0), name="achievement_price_is_positive"),
            models.CheckConstraint(condition=models.Q(ipr_status__in=IprStatus.values), name="achievement_protection_is_known"),
            models.CheckConstraint(
                condition=models.Q(protected_until=None) | models.Q(ipr_status__in=UNTIL_A_DAY), name="achievement_protected_until_a_day"
            ),
            models.CheckConstraint(
                condition=~models.Q(state=AchievementState.PUBLISHED) | models.Q(expires_at__isnull=False),
                name="achievement_published_expires",
            ),
        )

    def __str__(self) -> str:
        return self.title

    @property
    def title(self) -> str:
        """The title in the reader's language, or the one there is."""
        return pick(self.title_zh, self.title_en)

    @property
    def summary(self) -> str:
        return pick(self.summary_zh, self.summary_en)

    @property
    def keywords(self) -> list[str]:
        return pick_list(self.keywords_zh, self.keywords_en)

    @property
    def industry_name(self) -> str:
        return industries.name_of(self.industry_code)

    @property
    def region_name(self) -> str:
        return regions.name_of(self.region_code)

    def protection_has_ended(self, at: datetime) -> bool:
        """Whether the last day of its protection is over at that time, in Beijing; what names no end has none."""
        return self.protected_until is not None and self.protected_until < localtime(at).date()

    @property
    def is_public(self) -> bool:
        return self.state == AchievementState.PUBLISHED
