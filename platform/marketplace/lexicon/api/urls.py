"""Addresses of the table of names under /api/v1/."""

from django.urls import path

from marketplace.lexicon.api import views

urlpatterns = [
    path("lexicon/", views.TableView.as_view(), name="api-lexicon"),
    path("lexicon/versions/", views.VersionsView.as_view(), name="api-lexicon-versions"),
    path("lexicon/concepts/", views.ConceptsView.as_view(), name="api-concepts"),
    path("lexicon/concepts/<uuid:pk>/", views.ConceptView.as_view(), name="api-concept"),
    path("lexicon/concepts/<uuid:pk>/withdraw/", views.WithdrawView.as_view(), name="api-concept-withdraw"),
    path("lexicon/import/", views.ImportView.as_view(), name="api-lexicon-import"),
]
