"""`frontdesk demo`: a realistic day against a running stack, told from the database."""
