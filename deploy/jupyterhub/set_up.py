"""Set up the JupyterHub of one class on Debian 12, Ubuntu 24.04 or newer.

    python3 deploy/jupyterhub/set_up.py class.toml

As root, from a checkout of the course. Run it again after a change in class.toml, or with a newer
checkout: the course's folder and everybody's work stay as they are. --undo removes what it made,
the work included, and nothing else.
"""

import argparse
import grp
import importlib.util
import os
import pwd
import re
import shutil
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
CHECKOUT = HERE.parents[1]
PYTHON = "/usr/bin/python3"  # Debian's, which everybody on the machine can run
PROXY = "configurable-http-proxy@5.1"  # runs with the Node.js of Debian 12
PROGRAMS = {"node": "nodejs", "npm": "npm"}  # and the packages that bring them
NAME = re.compile(r"[a-z][a-z0-9_-]{0,22}")  # with "-students" behind it, as long as Linux allows
COPY = (
    "import sys; from pathlib import Path; from grading.course import Course, copy_course; "
    "copy_course(Course(Path(sys.argv[1])), Path(sys.argv[2]))"
)
UNIT = """[Unit]
Description=JupyterHub of {course}
After=network.target

[Service]
WorkingDirectory={hub}
ExecStart={jupyterhub} --config {hub}/jupyterhub_config.py
Restart=on-failure

[Install]
WantedBy=multi-user.target
"""


@dataclass(frozen=True)
class Class:
    """Who is in the class, and where everything of it lies."""

    course: str
    port: int
    staff: list[str]
    students: list[str]

    @property
    def programs(self) -> Path:
        return Path("/opt") / self.course

    @property
    def hub(self) -> Path:
        return self.programs / "hub"

    @property
    def made(self) -> Path:
        """The accounts and groups that were made here, each with the command that removes it."""
        return self.hub / "made.txt"

    @property
    def exchange(self) -> Path:
        return Path("/srv") / self.course / "exchange"

    @property
    def folder(self) -> Path:
        return Path("/home") / self.course / "course"

    @property
    def unit(self) -> Path:
        return Path("/etc/systemd/system") / f"{self.course}-hub.service"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("file", type=Path, help="who is in the class, such as class.toml beside me")
    parser.add_argument("--undo", action="store_true", help="remove what was made, all work too")
    options = parser.parse_args()
    if os.getuid() != 0:
        sys.exit("Only root can make accounts: run this as root, or with sudo.")
    os.umask(0o022)
    class_ = read(options.file)
    if options.undo:
        undo(class_)
    else:
        set_up(class_, options.file)


def read(file: Path) -> Class:
    """The class in a file; ends with a message where it cannot be."""
    try:
        class_ = Class(**tomllib.loads(file.read_text("utf-8")))
    except (OSError, tomllib.TOMLDecodeError, TypeError) as error:
        sys.exit(f"{file} cannot be used: {error}. {HERE / 'class.toml'} shows what it says.")
    for name in (class_.course, *class_.staff, *class_.students):
        if not NAME.fullmatch(name):
            sys.exit(f"{file}: {name!r} is no name for an account: at most 23 of a-z, 0-9, - and _")
    return class_


def set_up(class_: Class, file: Path) -> None:
    if all_can_read(CHECKOUT / "solutions"):
        print(f"Everybody can read {CHECKOUT / 'solutions'}. To close it: chmod 700 {CHECKOUT}")
    if class_.programs.exists() and not class_.made.exists():
        sys.exit(
            f"{class_.programs} is there, and not of this script: give the course another name."
        )
    class_.hub.mkdir(parents=True, exist_ok=True)
    class_.hub.chmod(0o700)
    class_.made.touch()
    make_accounts(class_)
    install_programs(class_)
    make_environments(class_)
    make_exchange(class_)
    make_course(class_)
    shutil.copy(HERE / "jupyterhub_config.py", class_.hub)
    shutil.copy(file, class_.hub / "class.toml")
    start(class_)


def make_accounts(class_: Class) -> None:
    """The course's account, which nobody logs in to; people, and the groups they are in."""
    for name in (class_.course, *class_.staff, *class_.students):
        if exists(pwd.getpwnam, name):
            continue
        note(class_, f"userdel --remove {name}")
        run("useradd", "--create-home", "-K", "HOME_MODE=0700", "--shell", "/bin/bash", name)
    for group, people in (("staff", class_.staff), ("students", class_.students)):
        name = f"{class_.course}-{group}"
        if not exists(grp.getgrnam, name):
            note(class_, f"groupdel {name}")
            run("groupadd", name)
        run("gpasswd", "--members", ",".join(people), name)
    for name in (*class_.staff, *class_.students):
        home = Path(pwd.getpwnam(name).pw_dir)
        if home.exists() and home.stat().st_mode & 0o077:
            print(f"Others can look into {home}. To close it: chmod 700 {home}")


def install_programs(class_: Class) -> None:
    missing = {package for program, package in PROGRAMS.items() if not shutil.which(program)}
    if not importlib.util.find_spec("ensurepip") or not Path(PYTHON).exists():
        missing.add("python3-venv")
    if missing:
        run("apt-get", "-qq", "update")
        run("apt-get", "-qq", "install", "--yes", *sorted(missing))
    if not (class_.programs / "tools/bin/uv").exists():
        run(PYTHON, "-m", "venv", class_.programs / "tools")
        run(class_.programs / "tools/bin/pip", "install", "--quiet", "uv")
    if not (class_.programs / "proxy").exists():
        quietly = ("--silent", "--no-audit", "--no-fund")
        run("npm", "install", *quietly, "--prefix", class_.programs / "proxy", PROXY)


def make_environments(class_: Class) -> None:
    """The staff's, with the grader; and the students', with packages of the same versions."""
    uv = class_.programs / "tools/bin/uv"
    staff, students = (class_.programs / name for name in ("staff", "students"))
    own = {"UV_PYTHON": PYTHON, "UV_PROJECT_ENVIRONMENT": str(staff)}
    with_hub = ("--no-dev", "--group", "hub")
    # uv looks at pyproject.toml only, to see whether the grader is newer
    afresh = ("--no-editable", "--reinstall-package", "sliding-window-lab")
    run(uv, "sync", "--quiet", *with_hub, *afresh, env=own)
    versions = class_.programs / "versions.txt"
    options = ("--quiet", "--no-hashes", "--no-emit-project", "--output-file", versions)
    run(uv, "export", *with_hub, *options, env=own)
    if not students.exists():
        run(uv, "venv", "--quiet", students, env=own)
    hand_outs = [part for path in hand_out_projects() for part in ("-r", path)]
    wanted = ("jupyterhub", "jupyterlab", "nbgrader", "nbval", "pytest", *hand_outs)
    into = ("--quiet", "--python", students, "--constraint", versions)
    run(uv, "pip", "install", *into, "--compile-bytecode", *wanted, env=own)
    for environment in (staff, students):
        for files in ("both", environment.name):  # JSON cannot say why: docs/jupyterhub.md does
            shutil.copytree(HERE / files, environment, dirs_exist_ok=True)
    (students / "etc/jupyter/nbgrader_config.py").write_text(
        "c = get_config()\n"
        + settings(class_)
        + 'c.CourseDirectory.ignore = [*".venv uv.lock __pycache__ .*_cache .ipynb_checkpoints'
        ' feedback".split()]\n'
    )
    shutil.chown(staff, group=class_.course)
    staff.chmod(0o750)


def hand_out_projects() -> list[Path]:
    return sorted(CHECKOUT.glob("release/*/pyproject.toml"))


def settings(class_: Class) -> str:
    """What nbgrader has to know of the class, on both sides."""
    return (
        f'c.Exchange.root = "{class_.exchange}"\nc.CourseDirectory.course_id = "{class_.course}"\n'
    )


def make_exchange(class_: Class) -> None:
    """As nbgrader makes it, but nobody can put another folder in the place of one (the 1 and 3)."""
    course = class_.exchange / class_.course
    for folder, mode in (
        (class_.exchange, 0o1777),
        (course, 0o755),
        (course / "outbound", 0o755),
        (course / "inbound", 0o3733),
        (course / "feedback", 0o711),
    ):
        folder.mkdir(parents=True, exist_ok=True)
        shutil.chown(folder, class_.course, class_.course)
        folder.chmod(mode)


def make_course(class_: Class) -> None:
    """The course's folder, once: from then on it is the staff's."""
    if class_.folder.exists():
        return
    run(class_.programs / "staff/bin/python", "-c", COPY, CHECKOUT, class_.folder)
    with (class_.folder / "nbgrader_config.py").open("a") as config:
        config.write(f"\n# The hub's exchange\n{settings(class_)}")
    run("chown", "--recursive", f"{class_.course}:{class_.course}", class_.folder)


def start(class_: Class) -> None:
    jupyterhub = class_.programs / "staff/bin/jupyterhub"
    unit = UNIT.format(course=class_.course, hub=class_.hub, jupyterhub=jupyterhub)
    class_.unit.parent.mkdir(parents=True, exist_ok=True)
    class_.unit.write_text(unit)
    if runs_systemd():
        run("systemctl", "daemon-reload")
        run("systemctl", "enable", "--quiet", class_.unit.name)
        run("systemctl", "restart", class_.unit.name)
        print(f"The hub runs: http://127.0.0.1:{class_.port}")
    else:
        print(
            f"No systemd here. To start the hub, at http://127.0.0.1:{class_.port}: "
            f"cd {class_.hub} && {jupyterhub} --config {class_.hub}/jupyterhub_config.py"
        )
    print("Whoever has no password yet cannot log in: give passwords with chpasswd.")


def undo(class_: Class) -> None:
    if not class_.made.exists():
        sys.exit(f"There is nothing of this script on this machine for {class_.course}.")
    if runs_systemd():
        run("systemctl", "disable", "--now", "--quiet", class_.unit.name)
    commands = class_.made.read_text("utf-8").splitlines()
    if at_work := processes({line.split()[-1] for line in commands}):
        sys.exit(
            f"Nothing is removed, as there are still at work: {', '.join(at_work)}. Stop the hub, "
            "which ends the servers within a minute, or end these processes; then try again."
        )
    class_.unit.unlink(missing_ok=True)
    for command in reversed(commands):
        kind, name = command.split()[0], command.split()[-1]
        if exists(pwd.getpwnam if kind == "userdel" else grp.getgrnam, name):
            run(*command.split())
    shutil.rmtree(class_.exchange.parent)
    shutil.rmtree(class_.programs)


def note(class_: Class, command: str) -> None:
    with class_.made.open("a") as made:
        made.write(command + "\n")


def processes(accounts: set[str]) -> list[str]:
    """Who of these has a process, and which."""
    owners = {account.pw_uid: account.pw_name for account in pwd.getpwall()}
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            name = owners.get(path.stat().st_uid)
        except FileNotFoundError:  # it has ended
            continue
        found += [f"{name} (process {path.name})"] if name in accounts else []
    return sorted(found)


def all_can_read(folder: Path) -> bool:
    ways = [path.stat().st_mode & 0o001 for path in folder.parents]
    return all(ways) and folder.stat().st_mode & 0o005 == 0o005


def exists(look_up, name: str) -> bool:
    try:
        look_up(name)
    except KeyError:
        return False
    return True


def runs_systemd() -> bool:
    return Path("/run/systemd/system").exists()


def run(*command: object, env: dict[str, str] | None = None) -> None:
    """Run a command in the checkout; ends with what it said where it fails."""
    words = [str(word) for word in command]
    done = subprocess.run(words, cwd=CHECKOUT, env=os.environ | (env or {}), check=False)
    if done.returncode:
        sys.exit(f"This failed, and nothing after it was done: {' '.join(words)}")


if __name__ == "__main__":
    main()
