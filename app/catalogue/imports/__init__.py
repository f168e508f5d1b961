"""Bringing items in from files of any tool: their words become ours, then records, then rows."""
