"""My data: what Foyer keeps of a reader, and the accounts of theirs that it may ask with."""
