"""A search that somebody saved, the digests made of it, and every thing that was in one."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from marketplace.accounts.models import Membership
from marketplace.common.codes import readiness
from marketplace.common.ids import uuid7
from marketplace.common.text import bi
from marketplace.interests.scheduling import DAILY, WEEKLY, Schedule


class InterestKind(models.TextChoices):
    """What is looked for."""

    DEMAND = "demand", bi("需求", "Demands")
    ACHIEVEMENT = "achievement", bi("成果", "Solutions")
    TEAM = "team", bi("团队", "Teams")
    EXPERT = "expert", bi("专家", "Experts")


# Teams and experts have no readiness, and none is asked of them.
WITH_READINESS = (InterestKind.DEMAND, InterestKind.ACHIEVEMENT)


class Frequency(models.TextChoices):
    DAILY = DAILY, bi("每天", "Every day")
    WEEKLY = WEEKLY, bi("每周", "Every week")


class Weekday(models.IntegerChoices):
    """Numbered as Python numbers them."""

    MONDAY = 0, bi("周一", "Monday")
    TUESDAY = 1, bi("周二", "Tuesday")
    WEDNESDAY = 2, bi("周三", "Wednesday")
    THURSDAY = 3, bi("周四", "Thursday")
    FRIDAY = 4, bi("周五", "Friday")
    SATURDAY = 5, bi("周六", "Saturday")
    SUNDAY = 6, bi("周日", "Sunday")


class Interest(models.Model):
    """One person's saved search in one organisation, gone with the membership; `next_at` is when it is looked at next.

    Regions are GB/T 2260 codes or their first digits, industries GB/T 4754-2017 divisions. Readiness is the least that a
    solution has, or the most that a demand wants. Hours are those of Asia/Shanghai.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="interests")
    name = models.CharField(bi("名称", "Name"), max_length=60)
    kind = models.CharField(bi("关注", "Look for"), max_length=12, choices=InterestKind)
    text = models.CharField(bi("主题", "Topic"), max_length=200, blank=True)
    region_codes = ArrayField(models.CharField(max_length=6), default=list, blank=True)
    industry_codes = ArrayField(models.CharField(max_length=2), default=list, blank=True)
    readiness = models.PositiveSmallIntegerField(bi("技术就绪度", "Readiness"), null=True, blank=True)
    frequency = models.CharField(bi("推送", "Digest"), max_length=6, choices=Frequency, default=Frequency.DAILY)
    weekday = models.PositiveSmallIntegerField(bi("星期", "Day"), choices=Weekday, default=Weekday.MONDAY)
    hour = models.PositiveSmallIntegerField(bi("时间", "Hour"), default=9)
    quiet_from = models.PositiveSmallIntegerField(bi("免打扰开始", "Quiet from"), default=22)
    quiet_until = models.PositiveSmallIntegerField(bi("免打扰结束", "Quiet until"), default=7)
    by_mail = models.BooleanField(bi("同时发送邮件", "By mail too"), default=True)
    paused_at = models.DateTimeField(null=True, editable=False)
    next_at = models.DateTimeField(bi("下次推送", "Next digest"), editable=False)
    created_at = models.DateTimeField(editable=False)

    class Meta:
        verbose_name = bi("关注", "saved search")
        indexes = (
            models.Index(fields=["membership", "-id"], name="interest_by_person"),
            models.Index(fields=["next_at"], condition=models.Q(paused_at=None), name="interest_due"),
        )
        constraints = (
            models.CheckConstraint(condition=models.Q(kind__in=InterestKind.values), name="interest_kind_is_known"),
            models.CheckConstraint(condition=models.Q(frequency__in=Frequency.values), name="interest_frequency_is_known"),
            models.CheckConstraint(condition=models.Q(weekday__in=Weekday.values), name="interest_weekday_is_known"),
            models.CheckConstraint(
                condition=models.Q(hour__lt=24, quiet_from__lt=24, quiet_until__lt=24), name="interest_hours_are_of_a_day"
            ),
            models.CheckConstraint(
                condition=models.Q(readiness=None) | models.Q(readiness__in=list(readiness.TRL9)), name="interest_readiness_is_1_to_9"
            ),
            models.CheckConstraint(
                condition=models.Q(readiness=None) | models.Q(kind__in=WITH_READINESS), name="interest_readiness_where_there_is_one"
            ),
            models.CheckConstraint(
                condition=~models.Q(text="")
                | models.Q(region_codes__len__gt=0)
                | models.Q(industry_codes__len__gt=0)
                | models.Q(readiness__isnull=False),
                name="interest_asks_for_something",
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def schedule(self) -> Schedule:
        """When its digests are due, and when they wait."""
        return Schedule(self.frequency, self.weekday, self.hour, self.quiet_from, self.quiet_until)

    @property
    def is_paused(self) -> bool:
        return self.paused_at is not None


class Digest(models.Model):
    """What an interest brought at one of its times; it stays when the interest is deleted, and goes with the membership.

    `letter_at` is when its letter, which would have come in the quiet hours, is sent; null where none waits.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="digests")
    interest = models.ForeignKey(Interest, on_delete=models.SET_NULL, null=True, related_name="digests")
    name = models.CharField(max_length=60)
    kind = models.CharField(max_length=12, choices=InterestKind)
    due_at = models.DateTimeField()
    made_at = models.DateTimeField()
    mailed_at = models.DateTimeField(null=True)
    letter_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = bi("推送", "digest")
        indexes = (
            models.Index(fields=["membership", "-id"], name="digest_by_person"),
            models.Index(fields=["letter_at"], condition=models.Q(letter_at__isnull=False), name="digest_letter_waits"),
        )
        constraints = (
            models.CheckConstraint(condition=models.Q(kind__in=InterestKind.values), name="digest_kind_is_known"),
            models.UniqueConstraint(fields=["interest", "due_at"], name="digest_once_per_time"),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.due_at:%Y-%m-%d %H:%M}"


class DigestItem(models.Model):
    """One thing in a digest, with the words that it shares with the topic; a person is told of a thing once."""

    digest = models.ForeignKey(Digest, on_delete=models.CASCADE, related_name="items")
    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="+")
    object_id = models.UUIDField()
    rank = models.PositiveSmallIntegerField()
    score = models.FloatField(null=True)
    words = ArrayField(models.CharField(max_length=60), default=list)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["membership", "object_id"], name="digest_item_once_per_person"),
            models.UniqueConstraint(fields=["digest", "rank"], name="digest_item_once_per_place"),
        )

    def __str__(self) -> str:
        return f"{self.digest_id} {self.rank}"
