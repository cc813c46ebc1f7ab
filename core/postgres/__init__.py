"""Django's PostgreSQL, for a server that may die, hang or be away at any moment."""
