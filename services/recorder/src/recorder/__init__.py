"""Writes calls and messages to Postgres or Supabase, and shows them."""
