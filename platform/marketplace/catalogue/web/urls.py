"""Addresses of the pages of the catalogue."""

from django.urls import path

from marketplace.catalogue.web import acting, experts, imports, views

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
    path("experts/", experts.experts, name="experts"),
    path("experts/new/", experts.expert_new, name="expert-new"),
    path("experts/<uuid:pk>/", experts.expert, name="expert"),
    path("experts/<uuid:pk>/edit/", experts.expert_edit, name="expert-edit"),
    path("experts/<uuid:pk>/actions/<slug:action>/", acting.ExpertAction.as_view(), name="expert-act"),
    path("imports/", imports.imports, name="imports"),
    path("imports/template/<slug:kind>.csv", imports.import_template, name="import-template"),
    path("imports/<uuid:pk>/", imports.import_run, name="import"),
]
