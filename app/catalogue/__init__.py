"""The catalogue: items from every tool, their skills and roles, and bringing them in."""
