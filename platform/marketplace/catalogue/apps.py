from importlib import import_module

from django.apps import AppConfig


class CatalogueConfig(AppConfig):
    name = "marketplace.catalogue"
    label = "catalogue"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        import_module("marketplace.catalogue.tasks")  # the web process sends them by name
        from marketplace.catalogue import importing, permissions, workflow
        from marketplace.catalogue.importing.achievements import AchievementAdapter
        from marketplace.catalogue.models import Achievement, Expert, Team
        from marketplace.catalogue.services import deciding, indexing
        from marketplace.workflow.registry import register

        known = {"roles_of": permissions.roles_of, "visible": permissions.visible, "public": permissions.public}
        register(workflow.TEAM, model=Team, effects=deciding.TEAM_EFFECTS, **known)
        register(workflow.EXPERT, model=Expert, effects=deciding.EXPERT_EFFECTS, **known)
        register(
            workflow.ACHIEVEMENT,
            model=Achievement,
            effects=deciding.ACHIEVEMENT_EFFECTS,
            guards=deciding.ACHIEVEMENT_GUARDS,
            **known,
        )
        importing.register("achievements", AchievementAdapter)
        indexing.install()
