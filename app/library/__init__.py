"""A reader's own library and history."""
