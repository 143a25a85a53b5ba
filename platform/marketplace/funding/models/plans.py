"""What a campaign's money is spent on, line by line."""

from django.db import models
from django.db.models import Q

from marketplace.common.text import bi, pick
from marketplace.funding.models.campaigns import Campaign

MOST_LINES = 20


class SpendingCategory(models.TextChoices):
    """The subjects of a research budget in China (equipment, operations, labour), operations in its usual parts."""

    EQUIPMENT = "equipment", bi("设备", "Equipment")
    MATERIALS = "materials", bi("材料", "Materials")
    TESTING = "testing", bi("测试、试验与加工", "Tests and processing")
    STAFF = "staff", bi("人员劳务", "Staff")
    IP = "ip", bi("知识产权", "Intellectual property")
    MANAGEMENT = "management", bi("管理", "Management")
    OTHER = "other", bi("其他", "Other")


class PlanLine(models.Model):
    """So many fen of a campaign's optimum for one purpose; all lines of a campaign that is reviewed sum to its optimum.

    Lines are written while the campaign is a draft and stand from its submission; the database refuses anything else.
    """

    id = models.BigAutoField(primary_key=True)
    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="use_of_funds")
    ordinal = models.PositiveSmallIntegerField()
    category = models.CharField(bi("类别", "Category"), max_length=20, choices=SpendingCategory)
    purpose_zh = models.CharField(bi("用途（中文）", "Purpose (Chinese)"), max_length=120, blank=True)
    purpose_en = models.CharField(bi("用途（英文）", "Purpose (English)"), max_length=200, blank=True)
    fen = models.BigIntegerField(bi("金额（分）", "Amount (fen)"))

    class Meta:
        verbose_name = bi("资金用途", "use of funds")
        constraints = (
            models.UniqueConstraint(fields=["campaign", "ordinal"], name="plan_line_one_per_place"),
            models.CheckConstraint(condition=Q(fen__gt=0), name="plan_line_is_positive"),
            models.CheckConstraint(condition=~Q(purpose_zh="") | ~Q(purpose_en=""), name="plan_line_has_a_purpose"),
            models.CheckConstraint(condition=Q(category__in=SpendingCategory.values), name="plan_line_category_is_known"),
            models.CheckConstraint(condition=Q(ordinal__gte=1, ordinal__lte=MOST_LINES), name="plan_line_within_the_most"),
        )

    def __str__(self) -> str:
        return self.purpose

    @property
    def purpose(self) -> str:
        return pick(self.purpose_zh, self.purpose_en)
