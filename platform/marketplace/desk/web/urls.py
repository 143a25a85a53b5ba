"""Addresses of the desk's pages."""

from django.urls import path

from marketplace.desk.web import explorer, views

urlpatterns = [
    path("", views.home, name="home"),
    path("search/", views.search, name="search"),
    path("dashboard/", views.dashboard, name="dashboard"),
    path("notices/", views.notice_list, name="notice-list"),
    path("ledger/", explorer.ledger_home, name="ledger-home"),
    path("ledger/activity.csv", explorer.ledger_activity, name="ledger-activity"),
    path("ledger/search/", explorer.ledger_search, name="ledger-search"),
    path("ledger/entries/<int:seq>/", explorer.ledger_entry, name="ledger-entry"),
    path("ledger/objects/<slug:kind>/<uuid:pk>/", explorer.ledger_object, name="ledger-object"),
    path("ledger/verify/", explorer.verify, name="ledger-verify"),
    path("ledger/witness/", explorer.witness, name="ledger-witness"),
    path("mail/", views.demo_mail, name="demo-mail-page"),
]
