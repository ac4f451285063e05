"""A real Redis on a free port of this machine."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time

import pytest
import redis

PROGRAM = shutil.which("redis-server")
needs_redis = pytest.mark.skipif(PROGRAM is None, reason="there is no redis-server; .ci/run installs it")


class RedisServer:
    """Starts and stops; keeps nothing on disk."""

    def __init__(self, folder, password: str | None = None) -> None:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            self.port = listener.getsockname()[1]
        self._command = [PROGRAM, "--port", str(self.port), "--save", "", "--dir", str(folder), "--bind", "127.0.0.1"]
        self._command += ["--requirepass", password] if password else []
        self.url = f"redis://{f':{password}@' if password else ''}127.0.0.1:{self.port}/0"
        self.start()

    def start(self) -> None:
        self._process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL)
        client = redis.Redis.from_url(self.url)
        for _ in range(500):
            try:
                client.ping()
            except redis.RedisError:
                time.sleep(0.02)
            else:
                client.close()
                return
        raise AssertionError("Redis does not start")

    def stop(self) -> None:
        self._process.kill()
        self._process.wait(10)
