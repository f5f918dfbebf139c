"""What an operator sets for work on plans: where plans may be made from, and how jobs run."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings


class WorkSettings(BaseSettings):
    """
    Settings of drafts, jobs and maps for others.

    Parameters
    ----------
    sources
        TOML file of the sources that plans may be made from; see `gridplan.jobs.registry`.
    jobs
        Jobs that run at a time, on all machines that share the store; with 0 this service runs none.
    job_processes
        Processes of each job.
    job_limit_s
        Seconds that a job may run.
    dask
        Address of a Dask scheduler whose workers plan for jobs.
    public_grids
        Whether grids in force (not units, not incidents) are served under ``/ogc`` to who has no key.
    """

    sources: Path | None = None
    jobs: int = Field(default=1, ge=0, le=64)
    job_processes: int = Field(default=1, ge=1, le=256)
    job_limit_s: float = Field(default=3_600.0, gt=0)
    dask: str | None = None
    public_grids: bool = False
