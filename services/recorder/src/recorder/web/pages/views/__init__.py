"""What is shown, as plain functions from rows to frozen dataclasses; templates only lay it out."""
