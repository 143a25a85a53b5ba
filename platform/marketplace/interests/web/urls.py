"""Addresses of the pages of saved searches."""

from django.urls import path

from marketplace.interests.web import views

urlpatterns = [
    path("interests/", views.interest_list, name="interests"),
    path("interests/new/", views.interest_new, name="interest-new"),
    path("interests/digests/<uuid:pk>/", views.digest_page, name="digest"),
    path("interests/<uuid:pk>/", views.interest_page, name="interest"),
    path("interests/<uuid:pk>/edit/", views.interest_edit, name="interest-edit"),
    path("interests/<uuid:pk>/pause/", views.interest_pause, name="interest-pause"),
    path("interests/<uuid:pk>/delete/", views.interest_delete, name="interest-delete"),
    path("unsubscribe/<str:token>/", views.unsubscribe, name="unsubscribe"),
]
