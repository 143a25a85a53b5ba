from django.urls import path

from marketplace.web import views

app_name = "web"

urlpatterns = [
    path("theme/", views.theme, name="theme"),
    path("styleguide/", views.guide, name="styleguide"),
]
