"""The Django app of the ledger; its label is "ledger", its tables begin with it."""

from django.apps import AppConfig


class LedgerConfig(AppConfig):
    """Registers the system checks."""

    name = "ledger.app"
    label = "ledger"
    verbose_name = "账本 Ledger"

    def ready(self) -> None:
        """Load the checks of the log's identity."""
        from ledger.app import checks  # noqa: F401 (registering is its effect)
