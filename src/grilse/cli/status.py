"""``grilse status``: how far a run is, seen from another terminal."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import click

from grilse.api.watching import Status, as_json, as_metrics, as_text, status
from grilse.ground.errors import BadInput, Problem

__all__ = ["command"]

_EXAMPLE = """\b
Examples: grilse status out --watch
          grilse status out --format json
          grilse status out --metrics-port 9464"""
_HOME_AND_CLEAR = "\x1b[H\x1b[2J"


@click.command(name="status", epilog=_EXAMPLE)
@click.argument("dataset", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--watch", is_flag=True, help="Tell again, until no run is at work any longer.")
@click.option(
    "--every",
    type=click.FloatRange(0.1, 3600),
    default=2.0,
    show_default=True,
    metavar="S",
    help="Seconds between two looks.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="Lines for people, or a line of JSON for programs.",
)
@click.option(
    "--metrics-port",
    type=click.IntRange(0, 65535),
    metavar="PORT",
    help="Serve Prometheus' text at http://127.0.0.1:PORT/metrics until stopped; 0 finds a port.",
)
def command(dataset: Path, watch: bool, every: float, form: str, metrics_port: int | None) -> None:
    """Tell how far the dataset in DIR is: batches, rows, time left, and who works on it."""
    if metrics_port is not None:
        _serve(dataset, metrics_port)
        return
    tell = _tell_json if form == "json" else _tell_text
    found = status(dataset)
    tell(found, watch)
    while watch and found.state == "running":
        time.sleep(every)
        found = status(dataset)
        tell(found, watch)


def _tell_json(found: Status, watch: bool) -> None:
    click.echo(as_json(found))


def _tell_text(found: Status, watch: bool) -> None:
    if watch and sys.stdout.isatty():
        click.echo(_HOME_AND_CLEAR, nl=False)
    for line in as_text(found):
        click.echo(line)


def _serve(dataset: Path, port: int) -> None:
    """Answer on the loopback address alone, until stopped."""
    status(dataset)
    try:
        server = HTTPServer(("127.0.0.1", port), _handler(lambda: as_metrics(status(dataset))))
    except OSError as error:
        raise BadInput(
            Problem("R-PORT", f"cannot be listened at: {error.strerror}", found=str(port))
        ) from error
    with server:
        click.echo(f"http://127.0.0.1:{server.server_port}/metrics")
        server.serve_forever()


def _handler(text: Callable[[], str]) -> type[BaseHTTPRequestHandler]:
    class Metrics(BaseHTTPRequestHandler):
        """Answers one path."""

        def do_GET(self) -> None:
            """Answer with the metrics as they are now."""
            is_known = self.path.partition("?")[0] in ("/metrics", "/")
            body = text().encode() if is_known else b"not here\n"
            self.send_response(200 if is_known else 404)
            self.send_header("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002
            """Say nothing: scrapes come every few seconds."""

    return Metrics
