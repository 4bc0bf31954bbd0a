"""A JupyterHub to be tested: set up on this machine by deploy/jupyterhub, and removed again."""

import os
import pwd
import secrets
import shlex
import shutil
import signal
import socket
import subprocess
import tomllib
import urllib.request
from pathlib import Path

from catalogue import ROOT
from gradings import wait_for, why_no_other_users

DEPLOYED = ROOT / "deploy/jupyterhub"
PYTHON = "/usr/bin/python3"
CLASS = tomllib.loads((DEPLOYED / "class.toml").read_text("utf-8"))
COURSE = CLASS["course"]
PEOPLE = [*CLASS["staff"], *CLASS["students"]]
START_SECONDS = 300
SYSTEM = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8"}


def why_not() -> str:
    """Why no hub can be tested on this machine; empty when one can."""
    if alone := why_no_other_users():
        return alone
    for program in (PYTHON, "node", "npm", "useradd", "setpriv"):
        if not shutil.which(program, path=SYSTEM["PATH"]):
            return f"{program} is not installed for all"
    if there := [name for name in (COURSE, *PEOPLE) if is_account(name)]:
        return f"there are accounts on this machine that are called as ours: {', '.join(there)}"
    return ""


class Hub:
    """The hub of the class in deploy/jupyterhub/class.toml, on ports that are free."""

    def __init__(self, folder: Path) -> None:
        self.port = _free_ports(4)
        self.file = folder / "class.toml"
        text = (DEPLOYED / "class.toml").read_text("utf-8")
        self.file.write_text(text.replace(f"port = {CLASS['port']}", f"port = {self.port}"))
        self.log = folder / "hub.log"
        self.process: subprocess.Popen | None = None
        self.passwords = {name: secrets.token_urlsafe() for name in PEOPLE}
        self.address = f"http://127.0.0.1:{self.port}"
        self.of_course = f"{self.address}/services/{COURSE}"
        self.programs = Path("/opt") / COURSE
        self.exchange = Path("/srv") / COURSE / "exchange" / COURSE
        self.course = Path("/home") / COURSE / "course"

    def set_up(self, *options: str) -> str:
        """Run the script; what it prints."""
        done = self.script(*options)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def script(self, *options: str) -> subprocess.CompletedProcess:
        command = [PYTHON, DEPLOYED / "set_up.py", self.file, *options]
        return subprocess.run(command, env=os.environ | SYSTEM, capture_output=True, text=True)

    def start(self) -> None:
        """As systemd would, by the unit that the script has written; with passwords for all."""
        lines = "".join(f"{name}:{password}\n" for name, password in self.passwords.items())
        subprocess.run(["chpasswd"], input=lines, text=True, check=True, env=SYSTEM)
        unit = Path(f"/etc/systemd/system/{COURSE}-hub.service").read_text("utf-8")
        (command,) = [line for line in unit.splitlines() if line.startswith("ExecStart=")]
        words = shlex.split(command.removeprefix("ExecStart="))
        with self.log.open("w") as log:
            self.process = subprocess.Popen(words, env=SYSTEM, stdout=log, stderr=log)
        wait_for(self._answers, START_SECONDS, f"the hub did not start, see {self.log}")

    def _answers(self) -> bool:
        assert self.process
        assert self.process.poll() is None, self.log.read_text()
        try:
            for address in (f"{self.address}/hub/login", f"{self.of_course}/api"):
                urllib.request.urlopen(address, timeout=5)
        except OSError:
            return False
        return True

    def stop(self) -> None:
        """The hub, which stops the servers; and whatever of our accounts runs on."""
        if self.process:
            self.process.terminate()
            self.process.wait(60)
        for process in self.processes(COURSE, *PEOPLE):
            os.kill(process, signal.SIGKILL)
        wait_for(lambda: not self.processes(COURSE, *PEOPLE), 30, "processes run on")

    def processes(self, *names: str) -> list[int]:
        accounts = {pwd.getpwnam(name).pw_uid for name in names if is_account(name)}
        found = [path for path in Path("/proc").iterdir() if path.name.isdigit()]
        return [int(path.name) for path in found if _owner(path) in accounts]

    def run(self, name: str, command: str) -> subprocess.CompletedProcess:
        """A command as the person would type it in a terminal of their own server."""
        programs = self.programs / ("staff" if name == COURSE else "students") / "bin"
        home = pwd.getpwnam(name).pw_dir
        own = {"HOME": home, "USER": name, "PATH": f"{programs}:{SYSTEM['PATH']}"}
        become = ["setpriv", f"--reuid={name}", f"--regid={name}", "--init-groups", "sh", "-c"]
        return subprocess.run(
            [*become, f"cd ~ && {command}"],
            cwd="/",
            env=SYSTEM | own,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )


def is_account(name: str) -> bool:
    return any(entry.pw_name == name for entry in pwd.getpwall())


def _owner(path: Path) -> int | None:
    try:
        return path.stat().st_uid
    except FileNotFoundError:  # it has ended
        return None


def _free_ports(number: int) -> int:
    """The first of so many free ports in a row."""
    for first in range(20_000, 30_000, number):
        try:
            for port in range(first, first + number):
                with socket.socket() as taken:
                    taken.bind(("127.0.0.1", port))
        except OSError:
            continue
        return first
    raise AssertionError("no ports are free")
