"""Brings what connected tools hold into the catalogue: runs, cursors, removals, activity."""
