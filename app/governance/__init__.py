"""Keeping content healthy: reports of problems and their resolution."""
