"""Addresses of the pages of campaigns, pledges, payouts and bank accounts."""

from django.urls import path

from marketplace.funding.web import acting, finance, offers, pools, talks, views, wording
from marketplace.funding.web.portfolio import portfolio, portfolio_file
from marketplace.funding.web.suitability import questionnaire

urlpatterns = [
    path("campaigns/", views.campaign_list, name="campaigns"),
    path("campaigns/wording/", wording.wording, name="campaign-wording"),
    path("demands/<uuid:pk>/campaign/", views.campaign_new, name="campaign-new"),
    path("campaigns/<uuid:pk>/", views.campaign_page, name="campaign"),
    path("campaigns/<uuid:pk>/edit/", views.campaign_edit, name="campaign-edit"),
    path("campaigns/<uuid:pk>/terms/", offers.campaign_terms, name="campaign-terms"),
    path("campaigns/<uuid:pk>/use-of-funds/", offers.campaign_use_of_funds, name="campaign-use-of-funds"),
    path("campaigns/<uuid:pk>/use-of-funds.csv", offers.use_of_funds_file, name="campaign-use-of-funds-file"),
    path("campaigns/<uuid:pk>/pledged.csv", offers.curve_file, name="campaign-curve-file"),
    path("campaigns/<uuid:pk>/updates/", talks.update_list, name="campaign-updates"),
    path("campaigns/<uuid:pk>/updates/new/", talks.update_new, name="campaign-update-new"),
    path("campaigns/<uuid:pk>/questions/", talks.question_list, name="campaign-questions"),
    path("campaigns/<uuid:pk>/questions/new/", talks.question_ask, name="campaign-question-new"),
    path("campaigns/<uuid:pk>/questions/<uuid:question>/", talks.question_answer, name="campaign-question-answer"),
    path("campaigns/<uuid:pk>/pledge/", views.pledge_new, name="pledge-new"),
    path("campaigns/<uuid:pk>/actions/<slug:action>/", acting.CampaignAction.as_view(), name="campaign-act"),
    path("pools/", pools.pool_list, name="pools"),
    path("pools/new/", pools.pool_new, name="pool-new"),
    path("pools/<uuid:pk>/", pools.pool_page, name="pool"),
    path("pools/<uuid:pk>/campaigns.csv", pools.pool_file, name="pool-file"),
    path("pools/<uuid:pk>/actions/<slug:action>/", pools.PoolAction.as_view(), name="pool-act"),
    path("portfolio/", portfolio, name="portfolio"),
    path("portfolio/<slug:what>.csv", portfolio_file, name="portfolio-file"),
    path("suitability/", questionnaire, name="suitability"),
    path("pledges/<uuid:pk>/", views.pledge_page, name="pledge"),
    path("pledges/<uuid:pk>/actions/<slug:action>/", acting.PledgeAction.as_view(), name="pledge-act"),
    path("finance/", finance.finance_desk, name="finance-desk"),
    path("payouts/", views.payout_list, name="payouts"),
    path("payouts/<uuid:pk>/actions/<slug:action>/", acting.PayoutAction.as_view(), name="payout-act"),
    path("payouts/<uuid:pk>/ask-again/", acting.payout_ask_again, name="payout-ask-again"),
    path("bank-account/", views.bank_account, name="bank-account"),
    path("bank-accounts/<uuid:pk>/verify/", views.bank_account_verify, name="bank-account-verify"),
]
