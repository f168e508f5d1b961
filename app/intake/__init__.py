"""Bringing files in: numbered lines, fields that complain, batches that are kept, one report.

What a line means is the business of the feature that imports it (`app.catalogue.imports`,
`app.people.imports`, `app.activity.imports`); this room knows neither items nor people.
"""
