"""Mappings of banks' columns, and statements that are looked at before they are booked."""

import django.db.models.deletion
from django.db import migrations, models

import marketplace.common.ids


class Migration(migrations.Migration):
    dependencies = [
        ("treasury", "0009_debts"),
    ]

    operations = [
        migrations.CreateModel(
            name="StatementMapping",
            fields=[
                ("id", models.UUIDField(default=marketplace.common.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=60, unique=True, verbose_name="名称")),
                (
                    "encoding",
                    models.CharField(
                        choices=[("auto", "自动识别"), ("utf-8-sig", "UTF-8"), ("gb18030", "GBK（GB 18030）")],
                        default="auto",
                        max_length=10,
                        verbose_name="编码",
                    ),
                ),
                (
                    "delimiter",
                    models.CharField(
                        choices=[(",", "逗号"), (";", "分号"), ("\t", "制表符"), ("|", "竖线")],
                        default=",",
                        max_length=1,
                        verbose_name="分隔符",
                    ),
                ),
                ("skip_lines", models.PositiveSmallIntegerField(default=0, verbose_name="表头以上的行数")),
                (
                    "date_format",
                    models.CharField(
                        choices=[
                            ("iso", "2026-11-23（ISO 8601）"),
                            ("%Y%m%d", "20261123"),
                            ("%Y/%m/%d", "2026/11/23"),
                            ("%Y.%m.%d", "2026.11.23"),
                            ("%Y年%m月%d日", "2026年11月23日"),
                        ],
                        default="iso",
                        max_length=12,
                        verbose_name="日期格式",
                    ),
                ),
                ("columns", models.JSONField(default=dict)),
                ("words_in", models.JSONField(default=list)),
                ("words_out", models.JSONField(default=list)),
                ("kept_by", models.UUIDField(editable=False, help_text="Whoever kept it last, by erasable reference.")),
                ("kept_at", models.DateTimeField(editable=False)),
            ],
            options={
                "verbose_name": "对账单列映射",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("encoding__in", ["auto", "utf-8-sig", "gb18030"])), name="mapping_encoding_is_known"
                    ),
                    models.CheckConstraint(condition=models.Q(("delimiter__in", [",", ";", "\t", "|"])), name="mapping_delimiter_is_known"),
                    models.CheckConstraint(
                        condition=models.Q(("date_format__in", ["iso", "%Y%m%d", "%Y/%m/%d", "%Y.%m.%d", "%Y年%m月%d日"])),
                        name="mapping_date_format_is_known",
                    ),
                    models.CheckConstraint(condition=models.Q(("skip_lines__lte", 50)), name="mapping_skips_few_lines"),
                    models.CheckConstraint(
                        condition=models.Q(("columns__has_keys", ["bank_line_id", "booked_at", "amount_yuan"])),
                        name="mapping_has_the_needful",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="StatementImport",
            fields=[
                ("id", models.UUIDField(default=marketplace.common.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=255)),
                ("content", models.BinaryField(default=b"")),
                ("sha256", models.CharField(max_length=64)),
                ("person", models.UUIDField(help_text="The finance officer, by erasable reference.")),
                (
                    "phase",
                    models.CharField(
                        choices=[
                            ("previewed", "待确认"),
                            ("running", "导入中"),
                            ("done", "已完成"),
                            ("failed", "列映射已改，未导入"),
                            ("dropped", "已放弃"),
                        ],
                        default="previewed",
                        max_length=9,
                    ),
                ),
                ("good", models.PositiveIntegerField(default=0)),
                ("known", models.PositiveIntegerField(default=0, help_text="Lines that an earlier statement had brought.")),
                ("bad", models.PositiveIntegerField(default=0)),
                ("in_fen", models.BigIntegerField(default=0)),
                ("out_fen", models.BigIntegerField(default=0)),
                ("sample", models.JSONField(default=list)),
                ("faults", models.JSONField(default=list)),
                ("total", models.PositiveIntegerField(default=0)),
                ("handled", models.PositiveIntegerField(default=0)),
                ("created_at", models.DateTimeField()),
                ("touched_at", models.DateTimeField(help_text="When it last got further.")),
                (
                    "statement",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="treasury.bankstatement"
                    ),
                ),
                (
                    "mapping",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="treasury.statementmapping"
                    ),
                ),
            ],
            options={
                "verbose_name": "对账单导入",
                "indexes": [models.Index(condition=models.Q(("phase", "running")), fields=["touched_at"], name="statement_import_running")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("phase__in", ["previewed", "running", "done", "failed", "dropped"])),
                        name="statement_import_phase_is_known",
                    ),
                    models.CheckConstraint(condition=models.Q(("handled__lte", models.F("total"))), name="statement_import_counts_add_up"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("phase", "done"), _negated=True),
                            models.Q(("handled", models.F("total")), ("statement__isnull", False)),
                            _connector="OR",
                        ),
                        name="statement_import_done_is_whole",
                    ),
                ],
            },
        ),
    ]
