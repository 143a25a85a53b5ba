"""Addresses of the pages of demands and bids."""

from django.urls import path

from marketplace.demands.web import acting, judging, mixing, views

urlpatterns = [
    path("demands/", views.demand_list, name="demands"),
    path("demands/new/", views.demand_new, name="demand-new"),
    path("demands/similar/", views.demand_similar, name="demand-similar"),
    path("demands/<uuid:pk>/", views.demand_page, name="demand"),
    path("demands/<uuid:pk>/edit/", views.demand_edit, name="demand-edit"),
    path("demands/<uuid:pk>/bid/", views.bid_new, name="bid-new"),
    path("demands/<uuid:pk>/ask/", views.question_ask, name="question-ask"),
    path("demands/<uuid:pk>/questions/<uuid:question>/", views.question_answer, name="question-answer"),
    path("demands/<uuid:pk>/actions/<slug:action>/", acting.DemandAction.as_view(), name="demand-act"),
    path("matches/judge/", judging.match_judge, name="match-judge"),
    path("matches/<uuid:pk>/take-back/", judging.match_take_back, name="match-take-back"),
    path("mixes/", mixing.mix_list, name="mixes"),
    path("mixes/<int:number>/switch/", mixing.mix_change, name="mix-switch"),
    path("bids/<uuid:pk>/actions/<slug:action>/", acting.BidAction.as_view(), name="bid-act"),
]
