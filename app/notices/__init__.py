"""What Foyer has to tell people: in the portal, and in one digest mail."""
