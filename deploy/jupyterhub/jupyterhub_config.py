"""The hub of one class. It lies beside the class.toml that it reads; set_up.py copies both.

Everybody's own server is a student's. The course's server runs as the course's account: the
staff, and nobody else, are let into it, and collect and grade there.
"""

import grp
import tomllib
from pathlib import Path

c = get_config()  # noqa: F821  given by Jupyter's configuration loader

HERE = Path(__file__).resolve().parent
STAFF, STUDENTS = (HERE.parent / name / "bin" for name in ("staff", "students"))
CLASS = tomllib.loads((HERE / "class.toml").read_text("utf-8"))
COURSE, PORT = CLASS["course"], CLASS["port"]
CERTIFICATE, KEY = HERE / "tls.crt", HERE / "tls.key"


def here(port: int) -> str:
    return f"http://127.0.0.1:{port}"


def paths(programs: Path) -> dict[str, str]:
    return {"PATH": f"{programs}:/usr/local/bin:/usr/bin:/bin"}


# Passwords travel: without a certificate the hub answers this machine only.
if CERTIFICATE.exists():
    c.JupyterHub.bind_url = f"https://:{PORT}"
    c.JupyterHub.ssl_cert, c.JupyterHub.ssl_key = str(CERTIFICATE), str(KEY)
else:
    c.JupyterHub.bind_url = here(PORT)
c.JupyterHub.hub_bind_url = here(PORT + 1)
c.ConfigurableHTTPProxy.api_url = here(PORT + 2)
proxy = HERE.parent / "proxy/node_modules/.bin/configurable-http-proxy"
c.ConfigurableHTTPProxy.command = [str(proxy)]
c.ConfigurableHTTPProxy.pid_file = str(HERE / "proxy.pid")
c.JupyterHub.db_url = f"sqlite:///{HERE}/hub.sqlite"
c.JupyterHub.cookie_secret_file = str(HERE / "cookie_secret")

c.JupyterHub.authenticator_class = "pam"
c.PAMAuthenticator.allowed_groups = {f"{COURSE}-staff", f"{COURSE}-students"}

c.Spawner.cmd = [str(STUDENTS / "jupyterhub-singleuser")]
c.Spawner.default_url = "/lab"
c.Spawner.env_keep = ["LANG", "LC_ALL"]
c.Spawner.environment = paths(STUDENTS)

c.JupyterHub.services = [
    {
        "name": COURSE,
        "url": here(PORT + 3),
        "command": [str(STAFF / "jupyterhub-singleuser")],
        "user": COURSE,
        "cwd": f"/home/{COURSE}/course",
        "environment": paths(STAFF),
        "oauth_no_confirm": True,
        "timeout": 300,  # seconds for a busy machine to start it, or the hub gives up
    }
]
c.JupyterHub.load_roles = [
    {
        "name": "staff",
        "users": grp.getgrnam(f"{COURSE}-staff").gr_mem,
        "scopes": [f"access:services!service={COURSE}"],
    }
]
