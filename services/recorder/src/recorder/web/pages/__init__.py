"""The page: what the front desk looks at, rendered on the server."""
