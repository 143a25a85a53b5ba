"""Pure Python: canonical JSON, entries, the Merkle tree and its tiles, proofs, signed notes, checkpoints."""
