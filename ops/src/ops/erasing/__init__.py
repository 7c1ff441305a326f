"""`frontdesk erase`: everything about a person goes, wherever Frontdesk keeps it."""
