"""Addresses of saved searches and digests under /api/v1/."""

from rest_framework.routers import SimpleRouter

from marketplace.interests.api.views import DigestViewSet, InterestViewSet

router = SimpleRouter()
router.register("interests", InterestViewSet, basename="interest")
router.register("digests", DigestViewSet, basename="digest")

urlpatterns = router.urls
