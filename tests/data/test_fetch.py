"""Downloads: verified, whole or not at all, and one line that says what to fetch from where into which folder."""

import hashlib
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.error import URLError

import pytest

from gristmill.data import fetch as fetching
from gristmill.data.cifar_layout import Layout
from gristmill.data.fetch import PUBLIC, fetch
from gristmill.errors import UserError


def test_a_download_is_put_under_its_name_and_not_repeated(tmp_path, monkeypatch):
    content = b"archive"
    layout = replace(PUBLIC["cifar10"], archive_md5=hashlib.md5(content).hexdigest())
    monkeypatch.setitem(PUBLIC, "cifar10", layout)
    calls = []

    def download(layout, target: Path) -> None:
        calls.append(target.name)
        target.write_bytes(content)

    monkeypatch.setattr(fetching, "_download", download)
    folder = tmp_path / "raw"
    assert fetch("cifar10", folder) == folder / layout.archive == fetch("cifar10", folder)
    assert calls == [f"{layout.archive}.part"]
    assert [path.name for path in folder.iterdir()] == [layout.archive]


@pytest.mark.parametrize("error", [URLError("no route\nto host"), RuntimeError("File corrupted."), OSError()])
def test_a_failed_download_is_one_line_and_leaves_nothing(tmp_path, monkeypatch, error):
    def download(layout, target: Path) -> None:
        target.write_bytes(b"half")
        raise error

    monkeypatch.setattr(fetching, "_download", download)
    with pytest.raises(UserError) as raised:
        fetch("cifar100", tmp_path)
    message, layout = str(raised.value), PUBLIC["cifar100"]
    assert "\n" not in message
    assert all(part in message for part in (layout.archive, layout.archive_md5, layout.url, str(tmp_path)))
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def served(tmp_path, monkeypatch):
    """CIFAR-10's archive replaced by `content`, under an address of a server on this machine."""
    content = b"archive" * 1000

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *args) -> None:
            """Keep the test's output clean."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setattr(Layout, "url", property(lambda self: f"http://127.0.0.1:{server.server_address[1]}/{self.archive}"))
    yield content
    server.shutdown()
    server.server_close()


def test_torchvision_downloads_the_archive(tmp_path, monkeypatch, served):
    layout = replace(PUBLIC["cifar10"], archive_md5=hashlib.md5(served).hexdigest())
    monkeypatch.setitem(PUBLIC, "cifar10", layout)
    assert fetch("cifar10", tmp_path / "raw").read_bytes() == served


def test_torchvision_refuses_a_wrong_file(tmp_path, served):
    with pytest.raises(UserError, match="fetch cifar10: File not found or corrupted"):
        fetch("cifar10", tmp_path / "raw")
    assert list((tmp_path / "raw").iterdir()) == []


def test_a_folder_that_cannot_be_made_is_one_line(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(UserError, match="fetch cifar10: "):
        fetch("cifar10", tmp_path / "file" / "raw")


def test_what_is_not_public_is_named():
    with pytest.raises(UserError, match="'omniglot' cannot be downloaded; public sets are cifar10, cifar100"):
        fetch("omniglot")
