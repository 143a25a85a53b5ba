"""A statement on its way in: looked at first, then booked batch by batch."""

from django.db import models
from django.db.models import Q

from marketplace.common.ids import uuid7
from marketplace.common.text import bi
from marketplace.treasury.models.bank import BankStatement
from marketplace.treasury.models.mappings import StatementMapping


class StatementPhase(models.TextChoices):
    PREVIEWED = "previewed", bi("待确认", "To be confirmed")
    RUNNING = "running", bi("导入中", "Importing")
    DONE = "done", bi("已完成", "Done")
    FAILED = "failed", bi("已停止", "Stopped")
    DROPPED = "dropped", bi("已放弃", "Dropped")


class StatementImport(models.Model):
    """One file that an officer has sent: what it would bring, and once it is confirmed how far its lines are.

    `sample` and `faults` are the first lines and faults as they were read; amounts are in fen. Of `total` lines `handled`
    are booked or waiting for good: after a break the work goes on behind them, and so does a stopped file when an officer
    says so. The bytes go once the lines are taken or the file is dropped.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(max_length=255)
    content = models.BinaryField(default=b"")
    sha256 = models.CharField(max_length=64)
    mapping = models.ForeignKey(StatementMapping, on_delete=models.PROTECT, null=True, related_name="+")
    mapping_sha256 = models.CharField(max_length=64, blank=True, help_text="What the mapping said when the file was looked at.")
    person = models.UUIDField(help_text="The finance officer, by erasable reference.")
    phase = models.CharField(max_length=9, choices=StatementPhase, default=StatementPhase.PREVIEWED)
    good = models.PositiveIntegerField(default=0)
    known = models.PositiveIntegerField(default=0, help_text="Lines that an earlier statement had brought.")
    bad = models.PositiveIntegerField(default=0)
    in_fen = models.BigIntegerField(default=0)
    out_fen = models.BigIntegerField(default=0)
    sample = models.JSONField(default=list)
    faults = models.JSONField(default=list)
    statement = models.ForeignKey(BankStatement, on_delete=models.PROTECT, null=True, related_name="+")
    total = models.PositiveIntegerField(default=0)
    handled = models.PositiveIntegerField(default=0)
    tries = models.PositiveSmallIntegerField(default=0, help_text="How often in a row its next step has failed.")
    created_at = models.DateTimeField()
    touched_at = models.DateTimeField(help_text="When it last got further.")

    class Meta:
        verbose_name = bi("对账单导入", "import of a statement")
        indexes = (models.Index(fields=["touched_at"], name="statement_import_running", condition=Q(phase=StatementPhase.RUNNING)),)
        constraints = (
            models.CheckConstraint(condition=Q(phase__in=StatementPhase.values), name="statement_import_phase_is_known"),
            models.CheckConstraint(condition=Q(handled__lte=models.F("total")), name="statement_import_counts_add_up"),
            models.CheckConstraint(
                condition=~Q(phase=StatementPhase.DONE) | Q(statement__isnull=False, handled=models.F("total")),
                name="statement_import_done_is_whole",
            ),
        )

    def __str__(self) -> str:
        return self.name
