"""Addresses of the page of exposure."""

from django.urls import path

from marketplace.exposure.web import views

urlpatterns = [
    path("exposure/", views.exposure_page, name="exposure"),
    path("exposure/<corpus>.csv", views.exposure_file, name="exposure-file"),
]
