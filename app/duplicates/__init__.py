"""What curators see of duplicates across tools, and what they say about them."""
