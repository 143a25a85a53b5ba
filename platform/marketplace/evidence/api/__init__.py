"""Certificates and deposits over HTTP."""
