"""Factorises an export on Spark and saves what the product never keeps: the people's vectors too.

Run as a program: the path of a job, and the file to write.
"""

import os
import sys
from pathlib import Path

import numpy as np

from recommender.spark import Job
from recommender.spark_job import factorised, opened, ratings


def rows_of(table):
    return {row.id: row.features for row in table.collect()}


def main(path, target):
    job = Job.read(Path(path))
    session = opened(job)
    model = factorised(ratings(session, Path(job.export).as_uri(), job.interactions), job)
    people, items = rows_of(model.userFactors), rows_of(model.itemFactors)
    np.savez(
        target,
        person=np.array(sorted(people)),
        people=np.array([people[each] for each in sorted(people)]),
        item=np.array(sorted(items)),
        items=np.array([items[each] for each in sorted(items)], np.float32),
    )
    session.stop()


if __name__ == "__main__":
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    main(*sys.argv[1:])
