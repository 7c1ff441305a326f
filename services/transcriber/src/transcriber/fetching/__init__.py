"""Getting recordings from the providers that store them."""
