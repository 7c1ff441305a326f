"""The load harness: `make bench`. What it measures, and what came out last, is in RESULTS.md."""
