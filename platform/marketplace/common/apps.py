from django.apps import AppConfig


class CommonConfig(AppConfig):
    name = "marketplace.common"
    label = "common"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Teach the ORM the lookup by a list as one parameter."""
        from django.contrib.postgres.fields import ArrayField
        from django.db.models import CharField, UUIDField

        from marketplace.common.among import Among, AnyAmong

        CharField.register_lookup(Among)
        UUIDField.register_lookup(Among)
        ArrayField.register_lookup(AnyAmong)
