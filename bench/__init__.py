"""How fast Kreis is, against a bare loop that does the same with nothing around it. See README.md."""
