"""People, tokens and the audit record of the recorder's page and API, from the command line."""
