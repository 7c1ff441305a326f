"""The bus as operators see it: who may do what on it, and which streams there are."""
