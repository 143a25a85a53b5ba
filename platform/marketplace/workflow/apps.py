from django.apps import AppConfig


class WorkflowConfig(AppConfig):
    name = "marketplace.workflow"
    label = "workflow"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from marketplace.workflow import checks

        checks.install()
