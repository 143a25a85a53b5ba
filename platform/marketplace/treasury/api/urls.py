"""Addresses of the treasury under /api/v1/."""

from django.urls import path
from rest_framework.routers import SimpleRouter

from marketplace.treasury.api import importing, orders, views

router = SimpleRouter()
router.register("bank-statements", views.BankStatementViewSet, basename="api-bank-statement")
router.register("line-decisions", views.LineDecisionViewSet, basename="api-line-decision")
router.register("statement-imports", importing.StatementImportViewSet, basename="api-statement-import")
router.register("statement-mappings", importing.StatementMappingViewSet, basename="api-statement-mapping")
router.register("payment-orders", orders.PaymentOrderViewSet, basename="api-payment-order")

urlpatterns = [
    path("wallet/", views.WalletView.as_view(), name="api-wallet"),
    path("debts/", views.DebtView.as_view(), name="api-debts"),
    path("wallet/statement/", views.WalletStatementView.as_view(), name="api-wallet-statement"),
    path("wallet/top-up-references/", views.TopUpReferenceView.as_view(), name="api-top-up-reference"),
    *router.urls,
]
