"""Curators' hands on content: an item's fields and picture, pasted links, pins from anywhere."""
