"""Addresses of agreements under /api/v1/."""

from rest_framework.routers import SimpleRouter

from marketplace.agreements.api.revenue import RevenueViewSet
from marketplace.agreements.api.views import AgreementViewSet, KeyViewSet, MilestoneViewSet

router = SimpleRouter()
router.register("agreements", AgreementViewSet, basename="agreement")
router.register("milestones", MilestoneViewSet, basename="milestone")
router.register("revenue-reports", RevenueViewSet, basename="revenue")
router.register("signing-keys", KeyViewSet, basename="signing-key")

urlpatterns = router.urls
