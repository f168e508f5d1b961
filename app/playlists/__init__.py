"""Playlists across tools, counted from a start day."""
