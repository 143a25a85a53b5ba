"""Addresses of the pages of certificates and deposits."""

from django.urls import path

from marketplace.evidence.web import views

urlpatterns = [
    path("evidence/<slug:kind>/<uuid:pk>/", views.choose, name="evidence-choose"),
    path("certificates/<slug:number>/", views.certificate_page, name="certificate"),
    path("certificates/<slug:number>/zip/", views.certificate_zip, name="certificate-zip"),
    path("certificates/<slug:number>/pdf/", views.certificate_pdf, name="certificate-pdf"),
    path("deposits/", views.deposit_list, name="deposits"),
    path("deposits/<uuid:pk>/", views.deposit_page, name="deposit"),
    path("deposits/<uuid:pk>/file/", views.deposit_file, name="deposit-file"),
]
