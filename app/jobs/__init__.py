"""What happens behind the pages: following the catalogue with the index, harvests, training.

A queue in a file carries jobs from any process to the worker. Every job stands in the list of
`app.jobs.tasks`, with the timetable; `app.jobs.queue` runs them and notes how each run ended.
"""

from app.jobs.queue import PATIENCE_AT_END, Jobs, LastRun, Worker, note_key
from app.jobs.tasks import Parts, harvest, refresh_identity_providers

EXTENSION = "foyer-jobs"

__all__ = [
    "EXTENSION",
    "PATIENCE_AT_END",
    "Jobs",
    "LastRun",
    "Parts",
    "Worker",
    "harvest",
    "note_key",
    "refresh_identity_providers",
]
