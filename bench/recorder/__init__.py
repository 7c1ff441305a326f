"""Figures of the recorder: ingest and questions over a big history."""
