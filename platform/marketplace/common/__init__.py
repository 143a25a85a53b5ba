"""What every room shares: errors, ids, the clock, money, codes, the outbox, idempotency, files."""
