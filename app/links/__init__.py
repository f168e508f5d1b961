"""The health of links: whether what an item leads to is there, moved, hidden or gone."""
