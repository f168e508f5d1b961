"""Tending the search: synonyms, what the boosts weigh, and how good the answers are."""
