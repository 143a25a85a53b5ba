"""Addresses of the pages of the table of names."""

from django.urls import path

from marketplace.lexicon.web import views

urlpatterns = [
    path("lexicon/", views.lexicon_page, name="lexicon"),
    path("lexicon/table.csv", views.lexicon_file, name="lexicon-file"),
    path("lexicon/new/", views.concept_new, name="concept-new"),
    path("lexicon/import/", views.table_import, name="lexicon-import"),
    path("lexicon/<uuid:pk>/", views.concept_edit, name="concept-edit"),
    path("lexicon/<uuid:pk>/withdraw/", views.concept_withdraw, name="concept-withdraw"),
]
