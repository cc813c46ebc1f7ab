"""The first run: from a started server to the first invitation, once."""
