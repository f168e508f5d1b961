"""What every page shares over HTTP: the unit of work, htmx, headers, errors, templates, language."""
