"""The suitability of funders, and the database's own refusal of a pledge without it."""

import django.db.models.deletion
from django.db import migrations, models

import marketplace.common.ids

REFUSE = """
CREATE FUNCTION funding_pledge_is_suitable() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM funding_suitability
        WHERE id = NEW.suitability_id AND organisation_id = NEW.organisation_id AND suitable
          AND NEW.accepted_at >= answered_at AND NEW.accepted_at < valid_until
    ) THEN
        RAISE EXCEPTION 'pledge % rests on no valid suitability assessment of its funder', NEW.id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER funding_pledge_rests_on_suitability BEFORE UPDATE ON funding_pledge FOR EACH ROW
    WHEN (OLD.state = 'intent' AND NEW.state = 'cooling_off') EXECUTE FUNCTION funding_pledge_is_suitable();

CREATE FUNCTION funding_suitability_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'an assessment is not changed: the institution answers again' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER funding_suitability_stays BEFORE UPDATE OR DELETE ON funding_suitability FOR EACH ROW
    EXECUTE FUNCTION funding_suitability_stays();
"""
BACK = """
DROP FUNCTION funding_pledge_is_suitable() CASCADE;
DROP FUNCTION funding_suitability_stays() CASCADE;
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_guards"), ("funding", "0003_payout_answers")]
    operations = [
        migrations.CreateModel(
            name="Suitability",
            fields=[
                ("id", models.UUIDField(default=marketplace.common.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("version", models.CharField(max_length=20)),
                ("answers", models.JSONField()),
                ("points", models.PositiveSmallIntegerField()),
                ("suitable", models.BooleanField()),
                ("answered_at", models.DateTimeField()),
                ("answered_by", models.UUIDField(null=True)),
                ("valid_until", models.DateTimeField()),
                (
                    "organisation",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="suitability", to="accounts.organisation"),
                ),
            ],
            options={
                "verbose_name": "适当性评估",
                "indexes": [models.Index(fields=["organisation", "-id"], name="suitability_newest")],
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("valid_until__gt", models.F("answered_at"))), name="suitability_lasts")
                ],
            },
        ),
        migrations.AddField(
            model_name="pledge",
            name="suitability",
            field=models.ForeignKey(
                editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="funding.suitability"
            ),
        ),
        migrations.RunSQL(REFUSE, BACK),
    ]
