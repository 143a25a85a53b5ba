from django.apps import AppConfig


class EvidenceConfig(AppConfig):
    name = "marketplace.evidence"
    label = "evidence"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Make certificates of deposits possible; rooms above register their own kinds."""
        from marketplace.accounts.services import erasing
        from marketplace.evidence import depositions, sources
        from marketplace.evidence.services import forgetting

        sources.register(depositions.SOURCE)
        erasing.register(forgetting.own_deposits)
