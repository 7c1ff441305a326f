"""Recordings played through us: the provider's address and our credentials there stay here."""
