"""Learned mixes with their figures, and which one is used: rows that stay as they were made, and none is used that was not better."""

import django.db.models.deletion
from django.db import migrations, models

GUARDS = """
CREATE FUNCTION matching_mix_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% on % is refused: what was learned and what was switched stays as it was', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE FUNCTION matching_mix_may_be_used() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.version_id IS NOT NULL AND NOT EXISTS (SELECT FROM matching_mixversion WHERE number = NEW.version_id AND holds) THEN
        RAISE EXCEPTION 'mix % is refused: it was not better than the fixed mix', NEW.version_id USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER matching_mixswitch_may BEFORE INSERT ON matching_mixswitch FOR EACH ROW EXECUTE FUNCTION matching_mix_may_be_used();
ALTER TABLE matching_mixswitch ENABLE ALWAYS TRIGGER matching_mixswitch_may;
"""
DROP_GUARDS = """
DROP FUNCTION matching_mix_stays() CASCADE;
DROP FUNCTION matching_mix_may_be_used() CASCADE;
"""


def guarded(table: str) -> list[str]:
    """Return the statements that let a table only grow, for whoever writes to it and in every session."""
    return [
        f"CREATE TRIGGER {table}_stays BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION matching_mix_stays()",
        f"CREATE TRIGGER {table}_kept BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION matching_mix_stays()",
        f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_stays",
        f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_kept",
    ]


class Migration(migrations.Migration):
    dependencies = [
        ("matching", "0004_runs"),
    ]

    operations = [
        migrations.CreateModel(
            name="MixVersion",
            fields=[
                ("number", models.PositiveIntegerField(primary_key=True, serialize=False)),
                ("at", models.DateTimeField()),
                ("by", models.UUIDField(null=True)),
                ("sources", models.JSONField()),
                ("factors", models.JSONField()),
                ("sha256", models.CharField(max_length=64)),
                ("demands", models.PositiveIntegerField()),
                ("pairs", models.PositiveIntegerField()),
                ("fixed", models.FloatField()),
                ("learned", models.FloatField()),
                ("chance", models.FloatField()),
                ("holds", models.BooleanField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("holds", False),
                            models.Q(("chance__lt", 0.05), ("demands__gte", 50), ("learned__gt", models.F("fixed")), ("pairs__gte", 500)),
                            _connector="OR",
                        ),
                        name="matching_mix_holds_if_better",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="MixSwitch",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                ("by", models.UUIDField(null=True)),
                ("reason", models.CharField(max_length=300)),
                (
                    "version",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="switches", to="matching.mixversion"
                    ),
                ),
            ],
        ),
        migrations.RunSQL(GUARDS, DROP_GUARDS),
        migrations.RunSQL([*guarded("matching_mixversion"), *guarded("matching_mixswitch")], migrations.RunSQL.noop),
    ]
