"""Addresses of the pages of agreements."""

from django.urls import path

from marketplace.agreements.web import acting, revenue, views

urlpatterns = [
    path("agreements/", views.agreement_list, name="agreements"),
    path("agreements/<uuid:pk>/", views.agreement_page, name="agreement"),
    path("agreements/<uuid:pk>/escrow.csv", views.escrow_file, name="escrow-file"),
    path("agreements/<uuid:pk>/revenue/", revenue.revenue_new, name="revenue-new"),
    path("agreements/<uuid:pk>/revenue.csv", revenue.lines_file, name="revenue-file"),
    path("agreements/<uuid:pk>/signing-key/", views.key_keep, name="signing-key-keep"),
    path("agreements/<uuid:pk>/actions/<slug:action>/", acting.AgreementAction.as_view(), name="agreement-act"),
    path("demands/<uuid:demand>/agreement/", views.agreement_new, name="agreement-new"),
    path("milestones/<uuid:pk>/deliverable/", views.deliverable, name="deliverable"),
    path("milestones/<uuid:pk>/actions/<slug:action>/", acting.MilestoneAction.as_view(), name="milestone-act"),
    path("revenue/<uuid:pk>/", revenue.revenue_page, name="revenue"),
    path("revenue/<uuid:pk>/evidence/", revenue.evidence_file, name="revenue-evidence"),
    path("revenue/<uuid:pk>/actions/<slug:action>/", revenue.RevenueAction.as_view(), name="revenue-act"),
]
