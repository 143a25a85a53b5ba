"""The public side of the log: C2SP tlog-tiles under one prefix, and each entry with its proof as JSON."""

from django.urls import path

from ledger.app import views

app_name = "ledger"

urlpatterns = [
    path("checkpoint", views.checkpoint, name="checkpoint"),
    path("keys", views.keys, name="keys"),
    path("policy", views.policy, name="policy"),
    path("tile/<path:place>", views.tile, name="tile"),
    path("entries/<int:seq>.json", views.entry, name="entry-json"),
    path("entries/<int:seq>.bytes", views.entry_bytes, name="entry-bytes"),
    path("entries/<int:seq>.tlog-proof", views.entry_proof, name="entry-proof"),
    path("verify.py", views.verifier, name="verifier"),
]
