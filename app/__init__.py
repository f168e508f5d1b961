"""Foyer's web shell: features that stand on the `search` and `recommender` libraries.

The rooms and the direction of their imports are drawn in `docs/architecture.md`; `app.factory`
puts them together.
"""
