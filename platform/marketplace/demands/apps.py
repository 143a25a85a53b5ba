from django.apps import AppConfig


class DemandsConfig(AppConfig):
    name = "marketplace.demands"
    label = "demands"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Join the tables of moves with their rules, the importer and the matcher's index."""
        from marketplace.demands import importing, registering

        registering.register()
        importing.register()
