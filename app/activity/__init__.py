"""What people do: launches, completions, saved and dismissed items, and the cards that show it."""
