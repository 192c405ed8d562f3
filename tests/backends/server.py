"""A backend on this machine: started, asked, and stopped."""

import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

# They import much, and the machine may be busy.
START = 300
# An answer of 200 comes before the spans are stored.
STORED = 60


class Backend:
    """What is common to backends; subclasses know their words."""

    name: str
    # Below the ports that systems give away, so that nobody gets it by chance.
    port: int

    def __init__(self):
        self.folder = Path(tempfile.mkdtemp(prefix=f"rollout-{self.name}-"))
        self.url = f"http://127.0.0.1:{self.port}"
        self.process = None

    def __enter__(self):
        if self.is_up():
            raise SystemExit(f"{self.name}: somebody listens on port {self.port} already")
        environment = {**os.environ, "DO_NOT_TRACK": "true", **self.variables()}
        with open(self.folder / "log", "wb") as log:
            self.process = subprocess.Popen(
                self.command(),
                cwd=self.folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                # It may have children, which are to go with it.
                start_new_session=True,
            )
        try:
            wait(START, lambda: self.is_up() or self.has_ended())
            if self.process.poll() is not None:
                raise SystemExit(f"{self.name} did not start:\n{(self.folder / 'log').read_text()}")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        if self.process and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def has_ended(self):
        return self.process.poll() is not None

    def is_up(self):
        try:
            self.get(self.health)
            return True
        except OSError:
            return False

    def get(self, path):
        return request(self.url + path)

    def post(self, path, body):
        return request(self.url + path, json.dumps(body).encode())


def request(url, body=None):
    """Returns what an address answers: JSON as such, anything else as text."""
    headers = {"content-type": "application/json"}
    asked = urllib.request.Request(url, data=body, headers=headers)
    try:
        with urllib.request.urlopen(asked, timeout=60) as answer:
            text = answer.read().decode()
    except urllib.error.HTTPError as error:
        said = error.read().decode(errors="replace")[:500]
        raise Refused(error.code, f"{url}: {error.code}: {said}") from None
    try:
        return json.loads(text)
    except ValueError:
        return text


class Refused(OSError):
    """An answer that is none."""

    def __init__(self, status, text):
        super().__init__(text)
        self.status = status


def wait(seconds, holds):
    """Waits until something holds; returns what it last was."""
    end = time.monotonic() + seconds
    while not (found := holds()) and time.monotonic() < end:
        time.sleep(0.3)
    return found
