"""What pages share over HTTP: the unit of work, htmx, headers, errors, templates, language."""
