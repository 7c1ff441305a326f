"""Figures of the recorder: ingest, and over a big history questions, pages, API, live updates and memory."""
