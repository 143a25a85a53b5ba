"""The top floor: home, search over everything, dashboards, the public ledger pages, the demonstration world."""
