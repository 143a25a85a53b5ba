"""The table of names by versions, each of which stays as it was made."""

import django.db.models.deletion
from django.db import migrations, models

GUARDS = """
CREATE FUNCTION matching_version_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% on % is refused: a version of the table of names stays as it was made', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;
"""
DROP_GUARDS = "DROP FUNCTION matching_version_stays() CASCADE;"


def guarded(table: str) -> list[str]:
    """Return the statements that let a table only grow, for whoever writes to it and in every session."""
    return [
        f"CREATE TRIGGER {table}_stays BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION matching_version_stays()",
        f"CREATE TRIGGER {table}_kept BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION matching_version_stays()",
        f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_stays",
        f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_kept",
    ]


class Migration(migrations.Migration):
    dependencies = [("matching", "0001_tables")]

    operations = [
        migrations.CreateModel(
            name="LexiconVersion",
            fields=[
                ("number", models.PositiveIntegerField(primary_key=True, serialize=False)),
                ("at", models.DateTimeField()),
                ("by", models.UUIDField(null=True)),
                ("reason", models.CharField(max_length=300)),
                ("sha256", models.CharField(max_length=64)),
            ],
        ),
        migrations.CreateModel(
            name="LexiconRow",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("concept", models.CharField(max_length=60)),
                ("chinese", models.JSONField(default=list)),
                ("english", models.JSONField(default=list)),
                (
                    "version",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="rows", to="matching.lexiconversion"),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("concept", "version"), name="matching_concept_once_a_version"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("chinese", []), ("english", [])),
                            models.Q(models.Q(("chinese", []), _negated=True), models.Q(("english", []), _negated=True)),
                            _connector="OR",
                        ),
                        name="matching_concept_named_in_both_or_withdrawn",
                    ),
                ],
            },
        ),
        migrations.RunSQL(GUARDS, DROP_GUARDS),
        migrations.RunSQL(
            [*guarded("matching_lexiconversion"), *guarded("matching_lexiconrow")],
            migrations.RunSQL.noop,
        ),
    ]
