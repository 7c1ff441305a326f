"""Sending a text by a provider's REST API: one port, one file per provider."""
