"""Addresses of demands, bids and matches under /api/v1/."""

from django.urls import path
from rest_framework.routers import SimpleRouter

from marketplace.demands.api.feedback import FeedbackViewSet
from marketplace.demands.api.matches import ConditionsView, MatchesView, UnmetView
from marketplace.demands.api.mixes import MixesView, SwitchView
from marketplace.demands.api.views import BidViewSet, DemandViewSet

router = SimpleRouter()
router.register("demands", DemandViewSet, basename="demand")
router.register("bids", BidViewSet, basename="bid")
router.register("matches/feedback", FeedbackViewSet, basename="match-feedback")

urlpatterns = [
    *router.urls,
    path("matches/", MatchesView.as_view(), name="matches"),
    path("matches/mixes/", MixesView.as_view(), name="match-mixes"),
    path("matches/mixes/switch/", SwitchView.as_view(), name="match-mix-switch"),
    path("matches/unmet/", UnmetView.as_view(), name="match-unmet"),
    path("matches/conditions/", ConditionsView.as_view(), name="match-conditions"),
]
