"""One imported file: how far it is, what came of it, and what was wrong with its rows."""

from django.db import models

from marketplace.accounts.models import Organisation, Person
from marketplace.common.ids import uuid7
from marketplace.common.models import StoredFile
from marketplace.common.text import bi, pick


class ImportPhase(models.TextChoices):
    UPLOADED = "uploaded", bi("已上传", "Uploaded")
    CHECKING = "checking", bi("检查中", "Checking")
    IMPORTING = "importing", bi("导入中", "Importing")
    DONE = "done", bi("已完成", "Done")
    FAILED = "failed", bi("未导入", "Not imported")


ENDED = (ImportPhase.DONE, ImportPhase.FAILED)


class ImportRun(models.Model):
    """A file on its way in. `handled` rows are in for good; after a break the work goes on behind them."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.CharField(bi("类别", "Kind"), max_length=32)
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="imports", verbose_name=bi("单位", "Organisation")
    )
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    phase = models.CharField(bi("进度", "Progress"), max_length=10, choices=ImportPhase, default=ImportPhase.UPLOADED)
    total = models.PositiveIntegerField(bi("总行数", "Rows"), default=0)
    handled = models.PositiveIntegerField(bi("已处理", "Handled"), default=0)
    created = models.PositiveIntegerField(bi("新增", "Created"), default=0)
    updated = models.PositiveIntegerField(bi("更新", "Updated"), default=0)
    unchanged = models.PositiveIntegerField(bi("未变", "Unchanged"), default=0)
    bad = models.PositiveIntegerField(bi("有误", "Bad"), default=0)
    attempts = models.PositiveSmallIntegerField(default=0)
    tree = models.JSONField(default=dict, help_text="The compact range of the Merkle tree over the good rows so far.")
    root = models.CharField(bi("默克尔根", "Merkle root"), max_length=64, blank=True)
    failure_zh = models.TextField(blank=True)
    failure_en = models.TextField(blank=True)
    created_at = models.DateTimeField(bi("上传时间", "Uploaded at"))
    touched_at = models.DateTimeField(help_text="When it last got further.")
    finished_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = bi("导入", "import")
        indexes = (
            models.Index(fields=["organisation", "-id"], name="import_by_organisation"),
            models.Index(fields=["touched_at"], name="import_unfinished", condition=~models.Q(phase__in=ENDED)),
        )
        constraints = (
            models.CheckConstraint(condition=models.Q(phase__in=ImportPhase.values), name="import_phase_is_known"),
            models.CheckConstraint(
                condition=models.Q(handled=models.F("created") + models.F("updated") + models.F("unchanged") + models.F("bad")),
                name="import_counts_add_up",
            ),
            models.CheckConstraint(
                condition=~models.Q(phase__in=ENDED) | models.Q(finished_at__isnull=False), name="import_end_has_a_time"
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"

    @property
    def failure(self) -> str:
        """Why nothing was imported, in the reader's language."""
        return pick(self.failure_zh, self.failure_en)

    @property
    def has_ended(self) -> bool:
        return self.phase in ENDED


class ImportFault(models.Model):
    """What is wrong with one row, in both languages."""

    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="faults")
    line = models.PositiveIntegerField()
    field = models.CharField(max_length=60, blank=True)
    reason_zh = models.TextField()
    reason_en = models.TextField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["run", "line"], name="import_fault_once_per_line"),)

    def __str__(self) -> str:
        return f"{self.line}: {self.reason}"

    @property
    def reason(self) -> str:
        return pick(self.reason_zh, self.reason_en)
