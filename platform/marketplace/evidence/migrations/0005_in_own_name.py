"""A verified person deposits in their own name, without an organisation; whose deposit it is stays as it was."""

import django.db.models.deletion
from django.db import migrations, models

KEPT = """
CREATE OR REPLACE FUNCTION evidence_deposit_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.id, NEW.organisation_id, {person}NEW.sha256, NEW.size, NEW.made_at)
       IS DISTINCT FROM (OLD.id, OLD.organisation_id, {old_person}OLD.sha256, OLD.size, OLD.made_at) THEN
        RAISE EXCEPTION 'a deposit keeps its depositor, hash, size and time' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("evidence", "0004_always_awake")]

    operations = [
        migrations.AlterField(
            model_name="deposit",
            name="organisation",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="evidence_deposits", to="accounts.organisation"
            ),
        ),
        migrations.AddIndex(
            model_name="deposit",
            index=models.Index(fields=["person_id", "-id"], name="deposit_in_own_name", condition=models.Q(organisation=None)),
        ),
        migrations.RunSQL(KEPT.format(person="NEW.person_id, ", old_person="OLD.person_id, "), KEPT.format(person="", old_person="")),
    ]
