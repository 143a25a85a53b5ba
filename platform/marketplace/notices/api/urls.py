"""Addresses of notices under /api/v1/."""

from django.urls import path

from marketplace.notices.api.views import DemoMailView, NoticesReadView, NoticesView

urlpatterns = [
    path("notices/", NoticesView.as_view(), name="notices"),
    path("notices/read/", NoticesReadView.as_view(), name="notices-read"),
    path("demo/mail/", DemoMailView.as_view(), name="demo-mail"),
]
