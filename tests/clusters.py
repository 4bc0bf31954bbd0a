"""A real Dask cluster: a scheduler and workers in processes of their own."""

import json
import os
import subprocess
import sys
from pathlib import Path

from gradings import wait_for


class Cluster:
    """A scheduler and two workers on this machine, each with temporary files of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.processes: list[subprocess.Popen] = []
        noted = folder / "scheduler.json"
        self._start("scheduler", "--port=0", "--no-dashboard", f"--scheduler-file={noted}")
        wait_for(lambda: noted.exists() and noted.read_text(), 60, "no scheduler came up")
        self.address = json.loads(noted.read_text())["address"]
        self.workers = [self.add_worker() for _ in range(2)]

    def add_worker(self) -> subprocess.Popen:
        options = ("--nthreads", "1", "--no-nanny", "--no-dashboard")
        return self._start("worker", self.address, *options)

    def _start(self, what: str, *arguments: str) -> subprocess.Popen:
        temporary = self.folder / f"{what}-{len(self.processes)}"
        temporary.mkdir()
        command = [sys.executable, "-m", "distributed.cli.dask_" + what, "--host", "127.0.0.1"]
        process = subprocess.Popen(
            [*command, *arguments],
            cwd=temporary,
            env=os.environ | {"TMPDIR": str(temporary)},
            stderr=subprocess.DEVNULL,
        )
        self.processes.append(process)
        return process

    def stop(self) -> None:
        for process in self.processes:
            process.kill()
            process.wait()
