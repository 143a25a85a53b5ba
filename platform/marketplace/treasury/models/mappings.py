"""How a bank's CSV is read: which of its columns is what, in which encoding, with which dates and words."""

from django.db import models

from marketplace.common.ids import uuid7
from marketplace.common.text import bi

MOST_SKIPPED = 50


class Encoding(models.TextChoices):
    AUTO = "auto", bi("自动识别", "Find out")
    UTF_8 = "utf-8-sig", bi("UTF-8", "UTF-8")
    GB18030 = "gb18030", bi("GBK（GB 18030）", "GBK (GB 18030)")


class Delimiter(models.TextChoices):
    COMMA = ",", bi("逗号", "Comma")
    SEMICOLON = ";", bi("分号", "Semicolon")
    TAB = "\t", bi("制表符", "Tab")
    BAR = "|", bi("竖线", "Vertical bar")


class DateFormat(models.TextChoices):
    ISO = "iso", bi("2026-11-23（ISO 8601）", "2026-11-23 (ISO 8601)")
    COMPACT = "%Y%m%d", bi("20261123", "20261123")
    SLASHES = "%Y/%m/%d", bi("2026/11/23", "2026/11/23")
    DOTS = "%Y.%m.%d", bi("2026.11.23", "2026.11.23")
    WORDS = "%Y年%m月%d日", bi("2026年11月23日", "2026年11月23日")


class MappedField(models.TextChoices):
    """What a column may be. Amounts stand in one column with a direction or a sign beside it, or in two, one for each direction."""

    LINE_ID = "bank_line_id", bi("流水号", "The bank's line id")
    DATE = "booked_at", bi("日期（可含时间）", "Date, with or without a time")
    TIME = "booked_time", bi("时间", "Time")
    AMOUNT = "amount_yuan", bi("金额（或收入金额）", "Amount, or amount in")
    AMOUNT_OUT = "amount_out_yuan", bi("支出金额", "Amount out")
    DIRECTION = "direction", bi("收支方向", "Direction")
    PAYER_NAME = "payer_name", bi("对方户名", "Other party's name")
    PAYER_ACCOUNT = "payer_account", bi("对方账号", "Other party's account")
    REFERENCE = "reference", bi("附言", "Message")
    CURRENCY = "currency", bi("币种", "Currency")
    BALANCE = "balance_yuan", bi("余额", "Balance")


class StatementMapping(models.Model):
    """A named way of reading a bank's CSV: `columns` says under which heading each field stands.

    `skip_lines` stand above the heading. `words_in` and `words_out` are what the direction's column says, one per line.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(bi("名称", "Name"), max_length=60, unique=True)
    encoding = models.CharField(bi("编码", "Encoding"), max_length=10, choices=Encoding, default=Encoding.AUTO)
    delimiter = models.CharField(bi("分隔符", "Separator"), max_length=1, choices=Delimiter, default=Delimiter.COMMA)
    skip_lines = models.PositiveSmallIntegerField(bi("表头以上的行数", "Lines above the heading"), default=0)
    date_format = models.CharField(bi("日期格式", "How dates are written"), max_length=12, choices=DateFormat, default=DateFormat.ISO)
    columns = models.JSONField(default=dict)
    words_in = models.JSONField(default=list)
    words_out = models.JSONField(default=list)
    kept_by = models.UUIDField(editable=False, help_text="Whoever kept it last, by erasable reference.")
    kept_at = models.DateTimeField(editable=False)

    class Meta:
        verbose_name = bi("对账单列映射", "mapping of a bank's columns")
        constraints = (
            models.CheckConstraint(condition=models.Q(encoding__in=Encoding.values), name="mapping_encoding_is_known"),
            models.CheckConstraint(condition=models.Q(delimiter__in=Delimiter.values), name="mapping_delimiter_is_known"),
            models.CheckConstraint(condition=models.Q(date_format__in=DateFormat.values), name="mapping_date_format_is_known"),
            models.CheckConstraint(condition=models.Q(skip_lines__lte=MOST_SKIPPED), name="mapping_skips_few_lines"),
            models.CheckConstraint(
                condition=models.Q(columns__has_keys=["bank_line_id", "booked_at", "amount_yuan"]), name="mapping_has_the_needful"
            ),
        )

    def __str__(self) -> str:
        return self.name
