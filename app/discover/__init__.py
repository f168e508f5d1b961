"""Finding: the search page, its engine room, and the item page."""
