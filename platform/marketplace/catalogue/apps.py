from importlib import import_module

from django.apps import AppConfig


class CatalogueConfig(AppConfig):
    name = "marketplace.catalogue"
    label = "catalogue"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        import_module("marketplace.catalogue.tasks")  # the web process sends them by name
        from marketplace.accounts.services import erasing
        from marketplace.catalogue import importing, permissions, selectors, workflow
        from marketplace.catalogue.importing.achievements import AchievementAdapter
        from marketplace.catalogue.models import Achievement, Expert, Team
        from marketplace.catalogue.services import deciding, forgetting, indexing
        from marketplace.evidence import standing
        from marketplace.workflow.registry import register

        for machine, model, effects in (
            (workflow.TEAM, Team, deciding.TEAM_EFFECTS),
            (workflow.EXPERT, Expert, deciding.EXPERT_EFFECTS),
            (workflow.ACHIEVEMENT, Achievement, deciding.ACHIEVEMENT_EFFECTS),
        ):
            register(
                machine,
                model=model,
                roles_of=permissions.roles_of,
                visible=permissions.visible,
                public=permissions.public,
                effects=effects,
                guards=deciding.ACHIEVEMENT_GUARDS if model is Achievement else {},
            )
        importing.register("achievements", AchievementAdapter)
        indexing.install()
        erasing.register(forgetting.own_expertise)
        standing.register(selectors.is_listed_expert)
