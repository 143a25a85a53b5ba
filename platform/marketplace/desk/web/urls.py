"""Addresses of the desk's pages."""

from django.urls import path

from marketplace.desk.web import views

urlpatterns = [
    path("", views.home, name="home"),
    path("search/", views.search, name="search"),
    path("dashboard/", views.dashboard, name="dashboard"),
    path("notices/", views.notice_list, name="notice-list"),
    path("ledger/", views.ledger_home, name="ledger-home"),
    path("ledger/entries/<int:seq>/", views.ledger_entry, name="ledger-entry"),
    path("mail/", views.demo_mail, name="demo-mail-page"),
]
