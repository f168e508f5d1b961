"""Where curators start: what waits for them in every room, then the pages and playlists to tend."""
