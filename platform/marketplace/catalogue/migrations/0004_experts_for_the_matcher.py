from django.db import migrations
from django.db.models import QuerySet
from django.db.models.functions import Now

from marketplace.common.ids import uuid7


def hand_over(apps, schema_editor) -> None:
    """Have the matcher told of everybody who is on the register by now: it follows what happens, and nothing happened to them."""
    alias = schema_editor.connection.alias
    experts: QuerySet = apps.get_model("catalogue", "Expert").objects.using(alias)
    event = apps.get_model("common", "OutboxEvent")
    event.objects.using(alias).bulk_create(
        [
            event(id=uuid7(), topic="expert.edited", kind="expert", object_id=pk, payload={}, created_at=moment)
            for pk, moment in experts.filter(state="published", person__erased_at=None).annotate(at=Now()).values_list("pk", "at")
        ]
    )


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_guards"),
        ("catalogue", "0003_asking_price"),
        ("common", "0001_initial"),
    ]

    operations = [migrations.RunPython(hand_over, migrations.RunPython.noop)]
