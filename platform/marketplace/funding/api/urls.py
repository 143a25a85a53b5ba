"""Addresses of campaigns, pledges, portfolios, pools, payouts and bank accounts under /api/v1/."""

from django.urls import path
from rest_framework.routers import SimpleRouter

from marketplace.funding.api.pools import PoolViewSet
from marketplace.funding.api.portfolio import PortfolioPledgesView, PortfolioView
from marketplace.funding.api.suitability import SuitabilityView
from marketplace.funding.api.views import BankAccountViewSet, CampaignViewSet, PayoutViewSet, PledgeViewSet

router = SimpleRouter()
router.register("campaigns", CampaignViewSet, basename="campaign")
router.register("pledges", PledgeViewSet, basename="pledge")
router.register("pools", PoolViewSet, basename="pool")
router.register("payouts", PayoutViewSet, basename="payout")
router.register("bank-accounts", BankAccountViewSet, basename="bank-account")

urlpatterns = [
    path("suitability/", SuitabilityView.as_view(), name="suitability-api"),
    path("portfolio/", PortfolioView.as_view(), name="portfolio-api"),
    path("portfolio/pledges/", PortfolioPledgesView.as_view(), name="portfolio-pledges-api"),
    *router.urls,
]
