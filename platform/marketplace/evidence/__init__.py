"""Evidence: numbered certificates of what the ledger says, and deposits of hashes before disclosure."""
