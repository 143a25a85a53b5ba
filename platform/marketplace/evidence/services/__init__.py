"""The rules of certificates and deposits."""
