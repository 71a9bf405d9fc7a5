"""
A real server on the database of a test, and browsers that speak to it.

Gunicorn serves with processes and threads of its own, so the test must see its rows from outside: it asks for the
fixture `transactional_db`. The server is reached on loopback only. Its port stays open while it is killed and started
again, as behind a load balancer: who calls meanwhile, waits.
"""

from __future__ import annotations

import http.client
import os
import re
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from importlib import import_module
from pathlib import Path
from threading import Barrier
from time import monotonic, sleep
from typing import Any, TypeVar
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.db import connection

from tests.support.sending import sent

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 120
"""Seconds after which something hangs: far more than a busy machine needs."""
CONFIGURATION = """\
accesslog = "-"
access_log_format = "%(m)s %(U)s %(s)s"
control_socket_disable = True
graceful_timeout = 5
preload_app = True
timeout = {patience}
worker_class = "gthread"
"""
STARTED = "Booting worker with pid"
FAULT = re.compile(r"^(?:[A-Z]+ \S+ 5\d\d|Traceback .*|.*\[(?:ERROR|CRITICAL)\].*|\w*Error\b.*)$", re.MULTILINE)
FORM = re.compile(r"<form\b([^>]*)>(.*?)</form>", re.DOTALL)

Result = TypeVar("Result")


class Gone(Exception):
    """The server broke the connection before it answered: what was asked may have happened, or not."""


def application() -> Any:
    """What gunicorn serves: the site of the tests, with its faults on standard error."""
    import logging  # noqa: PLC0415 - only in the server

    from django.core.wsgi import get_wsgi_application  # noqa: PLC0415 - sets Django up

    site = get_wsgi_application()
    faults = logging.StreamHandler()
    faults.setLevel(logging.ERROR)
    logging.getLogger("django").addHandler(faults)
    return site


class Server:
    """
    Gunicorn on the database of the test.

    Args:
        folder: for its log and its configuration.
        processes: how many serve.
        threads: how many of each process serve.
    """

    def __init__(self, folder: Path, *, processes: int = 2, threads: int = 4) -> None:
        self._log = folder / "server.log"
        self._configuration = folder / "gunicorn.conf.py"
        self._configuration.write_text(CONFIGURATION.format(patience=PATIENCE), encoding="utf-8")
        self._size = (processes, threads)
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self._process: subprocess.Popen[bytes] | None = None
        self._alive = -1
        self.port: int = self._listener.getsockname()[1]

    def start(self) -> None:
        """Start serving; returns when every process does."""
        before = self.log().count(STARTED)
        processes, threads = self._size
        self._alive, theirs = os.pipe()
        command = [
            *(sys.executable, "-m", "gunicorn", "--config", str(self._configuration)),
            *("--workers", str(processes), "--threads", str(threads), "--bind", f"fd://{self._listener.fileno()}"),
            "tests.support.server:application()",
        ]
        environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": settings.SETTINGS_MODULE,
            "PADWIJZER_TEST_DB": settings.DATABASE_KIND,
            "PADWIJZER_TEST_DB_NAME": str(connection.settings_dict["NAME"]),
        }
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                command,
                cwd=ROOT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                pass_fds=(self._listener.fileno(), theirs),
                start_new_session=True,
            )
        os.close(theirs)
        until = monotonic() + PATIENCE
        while self.log().count(STARTED) < before + processes:
            if self._process.poll() is not None or monotonic() > until:
                message = f"The server does not start:\n{self.log()[-4000:]}"
                raise AssertionError(message)
            sleep(0.02)

    def kill(self) -> None:
        """End every process of the server at once, in the middle of whatever it does (SIGKILL)."""
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._wait()

    def stop(self) -> None:
        """Let the server end what it does, and be sure that nothing of it is left."""
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                os.killpg(self._process.pid, signal.SIGKILL)
            self._wait()
        self._listener.close()

    def _wait(self) -> None:
        """Wait until its last process is gone: then nobody holds the other end of the pipe any more."""
        assert self._process is not None
        self._process.wait(timeout=PATIENCE)
        ready, _writing, _failing = select.select([self._alive], [], [], PATIENCE)
        os.close(self._alive)
        self._process = None
        assert ready, "A process of the server is still there."

    @property
    def is_up(self) -> bool:
        """Whether it was started, and neither killed nor stopped."""
        return self._process is not None

    def log(self) -> str:
        """Everything it said so far."""
        return self._log.read_text(encoding="utf-8", errors="replace") if self._log.exists() else ""

    def faults(self) -> list[str]:
        """Every answer 500 and up, and every error it reported; empty when all went well."""
        return FAULT.findall(self.log())

    def signed_in(self, user: Any) -> Browser:
        """A browser in which a user is signed in; the session is written into the database directly."""
        session = import_module(settings.SESSION_ENGINE).SessionStore()
        session[SESSION_KEY] = str(user.pk)
        session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
        session[HASH_SESSION_KEY] = user.get_session_auth_hash()
        session.save()
        return Browser(self.port, {settings.SESSION_COOKIE_NAME: session.session_key})


@dataclass(frozen=True, slots=True)
class Answer:
    """
    What the server answered.

    Args:
        status: of HTTP.
        location: where it sends the browser, as a path; empty for nowhere.
        text: the page.
    """

    status: int
    location: str = ""
    text: str = field(default="", repr=False)

    def form(self, having: str) -> dict[str, list[str]]:
        """What is sent by the form that has a field of this name, when nothing is changed."""
        for _tag, inside in FORM.findall(self.text):
            fields = sent(inside)
            if having in fields or f'name="{having}"' in inside:
                return dict(fields.lists())
        message = f"The page (status {self.status}, to {self.location!r}) has no form with {having}."
        raise AssertionError(message)


class Browser:
    """
    A browser without scripts, for one user; each request has a connection of its own.

    Args:
        port: of the server.
        cookies: with which it begins.
    """

    def __init__(self, port: int, cookies: Mapping[str, str]) -> None:
        self._port = port
        self._cookies = dict(cookies)

    def get(self, path: str) -> Answer:
        """Ask for a page. Raises: Gone: the server broke off."""
        return self._ask("GET", path)

    def post(self, path: str, fields: Mapping[str, object]) -> Answer:
        """Send a form. Args: fields: name to text or texts. Raises: Gone: the server broke off."""
        return self._ask("POST", path, urlencode(fields, doseq=True))

    def post_and_leave(self, path: str, fields: Mapping[str, object]) -> None:
        """Send a form and break the connection, without waiting for an answer."""
        asking = self._asking("POST", path, urlencode(fields, doseq=True))
        asking.close()

    def _ask(self, method: str, path: str, body: str | None = None) -> Answer:
        asking = self._asking(method, path, body)
        try:
            answer = asking.getresponse()
            text = answer.read().decode("utf-8")
        except (ConnectionError, http.client.IncompleteRead) as broken:
            raise Gone from broken
        finally:
            asking.close()
        for line in answer.headers.get_all("Set-Cookie", []):
            self._cookies |= {name: morsel.value for name, morsel in SimpleCookie(line).items()}
        return Answer(answer.status, answer.headers.get("Location", ""), text)

    def _asking(self, method: str, path: str, body: str | None) -> http.client.HTTPConnection:
        headers = {
            "Host": "localhost",
            "Accept": "text/html",
            "Connection": "close",
            "Cookie": "; ".join(f"{name}={value}" for name, value in self._cookies.items()),
        }
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        asking = http.client.HTTPConnection("127.0.0.1", self._port, timeout=PATIENCE)
        try:
            asking.request(method, path, body, headers)
        except ConnectionError as broken:
            asking.close()
            raise Gone from broken
        return asking


def at_once(*calls: Callable[[], Result]) -> list[Result]:
    """Call all at the same moment, each in a thread of its own, and give what each gave, in their order."""
    barrier = Barrier(len(calls), timeout=PATIENCE)

    def together(call: Callable[[], Result]) -> Result:
        barrier.wait()
        return call()

    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(together, calls))
