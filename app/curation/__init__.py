"""What curators make: role pages, sections, pins."""
