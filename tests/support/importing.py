"""Runs imports inside a test's own session, from values instead of a file."""

from contextlib import contextmanager

from app.intake.reader import Line
from app.intake.report import Report
from app.intake.run import Run


class Importing:
    """Imports rows of values, and keeps what the report tells."""

    def __init__(self, session, new_importer):
        self._session = session
        self._new_importer = new_importer

    @contextmanager
    def _transaction(self):
        with self._session.begin_nested():
            yield self._session
        self._session.expire_all()

    def __call__(self, *rows, write=True, **options):
        problems, remarks = [], []
        report = Report(on_problem=problems.append, on_remark=remarks.append)
        lines = [Line(number, number, row) for number, row in enumerate(rows, start=1)]
        importer = self._new_importer(**options)
        Run(importer, self._transaction, report, write=write).take(lines, lambda _done: None)
        self.report, self.remarks = report, remarks
        self.problems = [(one.line, one.field) for one in problems]
        self.reasons = [one.reason for one in problems]
        return {fate.value: count for fate, count in report.counts.items() if count}
