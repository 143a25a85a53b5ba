"""Addresses of the catalogue under /api/v1/."""

from rest_framework.routers import SimpleRouter

from marketplace.catalogue.api.imports import ImportViewSet
from marketplace.catalogue.api.views import AchievementViewSet, ExpertViewSet, TeamViewSet

router = SimpleRouter()
router.register("achievements", AchievementViewSet, basename="api-achievement")
router.register("teams", TeamViewSet, basename="api-team")
router.register("experts", ExpertViewSet, basename="api-expert")
router.register("imports", ImportViewSet, basename="api-import")

urlpatterns = router.urls
