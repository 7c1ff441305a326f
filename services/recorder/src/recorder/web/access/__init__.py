"""Who may come in (shared password, people with their own, sessions, tokens), and a record of what they looked at."""
