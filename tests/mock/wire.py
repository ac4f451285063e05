"""HTTP as bytes, to send a mock what no client sends."""

from __future__ import annotations

import functools
import socket
import time

import httpx

from pacerpro_mock import MockServer

# Without the certificates of the machine, which take 25 ms to load for each client.
Client, get, post = (functools.partial(call, verify=False) for call in (httpx.Client, httpx.get, httpx.post))


# Plug-ins of pytest that happen to be installed here, and take seconds to load.
WITHOUT = ("-p", "no:schemathesis", "-p", "no:hypothesispytest", "-p", "no:anyio", "-p", "no:timeout", "-p", "no:xdist")


def address(server: MockServer) -> tuple[str, int]:
    url = httpx.URL(server.url)
    return url.host, url.port


def speak(server: MockServer, *parts: bytes) -> bytes:
    """Send bytes as they are, in as many packets, and read until the server has closed or is silent for a second."""
    received = b""
    with socket.create_connection(address(server), timeout=1) as connection:
        for part in parts:
            connection.sendall(part)
            time.sleep(0.01 * (len(parts) > 1))
        try:
            while chunk := connection.recv(65536):
                received += chunk
        except TimeoutError:
            pass
    return received


def head(line: str, *headers: str) -> bytes:
    return "\r\n".join([line, "Host: mock", *headers, "", ""]).encode("latin-1")
