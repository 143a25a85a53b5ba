from django.apps import AppConfig


class DemandsConfig(AppConfig):
    name = "marketplace.demands"
    label = "demands"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Join the tables of moves with their rules, the importer and the matcher's index; show matches on the pages of supply."""
        from marketplace.catalogue.web import beside
        from marketplace.demands import importing, registering
        from marketplace.demands.services import nights
        from marketplace.demands.web import matching

        registering.register()
        importing.register()
        nights.register()
        beside.add(matching.section)
