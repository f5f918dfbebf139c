"""Work that takes longer than a request: kept in the store, run in processes of its own, done once or not at all."""

from gridplan.jobs.queue import Jobs
from gridplan.jobs.records import Job, JobState, Kind

__all__ = ["Job", "JobState", "Jobs", "Kind"]
