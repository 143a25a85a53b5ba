"""Pages of the treasury."""

from django.urls import path

from marketplace.treasury.web import deciding, importing, orders, views

urlpatterns = [
    path("wallet/", views.wallet, name="wallet"),
    path("wallet/statement.csv", views.wallet_statement, {"kind": "csv"}, name="wallet-statement-csv"),
    path("wallet/statement.xlsx", views.wallet_statement, {"kind": "xlsx"}, name="wallet-statement-xlsx"),
    path("wallet/top-up-reference/", views.top_up_reference, name="wallet-top-up-reference"),
    path("bank-statements/", views.bank_statements, name="bank-statements"),
    path("bank-statements/<uuid:pk>/", views.bank_statement, name="bank-statement"),
    path("bank-statements/<uuid:pk>/lines/<uuid:line_id>/assign/", deciding.assign, name="bank-statement-assign"),
    path("statement-imports/<uuid:pk>/", importing.statement_import, name="statement-import"),
    path("statement-imports/<uuid:pk>/start/", importing.start, name="statement-import-start"),
    path("statement-imports/<uuid:pk>/drop/", importing.drop, name="statement-import-drop"),
    path("statement-mappings/", importing.mappings, name="statement-mappings"),
    path("statement-mappings/new/", importing.mapping, name="statement-mapping-new"),
    path("statement-mappings/<uuid:pk>/", importing.mapping, name="statement-mapping"),
    path("line-decisions/<uuid:pk>/actions/<slug:action>/", deciding.DecisionAction.as_view(), name="line-decision-act"),
    path("payment-orders/", orders.payment_order_list, name="payment-orders"),
    path("payment-orders/<uuid:pk>/", orders.payment_order, name="payment-order"),
    path("payment-orders/<uuid:pk>/file/", orders.payment_order_file, name="payment-order-file"),
]
