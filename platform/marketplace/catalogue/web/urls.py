"""Addresses of the pages of the catalogue."""

from django.urls import path

from marketplace.catalogue.web import acting, imports, views

urlpatterns = [
    path("achievements/", views.achievements, name="achievements"),
    path("achievements/new/", views.achievement_new, name="achievement-new"),
    path("achievements/<uuid:pk>/", views.achievement, name="achievement"),
    path("achievements/<uuid:pk>/edit/", views.achievement_edit, name="achievement-edit"),
    path("achievements/<uuid:pk>/actions/<slug:action>/", acting.AchievementAction.as_view(), name="achievement-act"),
    path("teams/", views.teams, name="teams"),
    path("teams/new/", views.team_new, name="team-new"),
    path("teams/<uuid:pk>/", views.team, name="team"),
    path("teams/<uuid:pk>/edit/", views.team_edit, name="team-edit"),
    path("teams/<uuid:pk>/actions/<slug:action>/", acting.TeamAction.as_view(), name="team-act"),
    path("imports/", imports.imports, name="imports"),
    path("imports/template/<slug:kind>.csv", imports.import_template, name="import-template"),
    path("imports/<uuid:pk>/", imports.import_run, name="import"),
]
