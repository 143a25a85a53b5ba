"""The pages of certificates and deposits."""
