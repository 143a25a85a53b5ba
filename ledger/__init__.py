"""The append-only, publicly provable log of Jinqiao: a pure engine, a thin Django app, a stranger's verifier."""
