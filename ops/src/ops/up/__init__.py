"""`frontdesk up`: everything on one machine, as real processes."""
