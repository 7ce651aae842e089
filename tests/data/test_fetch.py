"""Downloads: verified, whole or not at all, and one line that says what to fetch from where into which folder."""

import hashlib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.error import URLError

import pytest

from gristmill.data import fetch as fetching
from gristmill.data.fetch import PUBLIC, fetch
from gristmill.data.files import Published
from gristmill.errors import UserError


def test_a_download_is_put_under_its_name_and_not_repeated(tmp_path, monkeypatch):
    files = [Published(name, hashlib.md5(name.encode()).hexdigest(), "-") for name in ("images.gz", "labels.gz")]
    monkeypatch.setitem(PUBLIC, "fashion_mnist", files)
    calls = []

    def download(file: Published, target: Path) -> None:
        calls.append(target.name)
        target.write_bytes(file.name.encode())

    monkeypatch.setattr(fetching, "_download", download)
    folder = tmp_path / "raw"
    paths = [folder / "images.gz", folder / "labels.gz"]
    assert fetch("fashion_mnist", folder) == paths == fetch("fashion_mnist", folder)
    assert calls == ["images.gz.part", "labels.gz.part"]
    (folder / "labels.gz").write_bytes(b"damaged")
    assert fetch("fashion_mnist", folder) == paths and calls[2:] == ["labels.gz.part"]
    assert sorted(folder.iterdir()) == paths


@pytest.mark.parametrize("error", [URLError("no route\nto host"), RuntimeError("File corrupted."), OSError()])
def test_a_failed_download_is_one_line_and_leaves_nothing(tmp_path, monkeypatch, error):
    def download(file: Published, target: Path) -> None:
        target.write_bytes(b"half")
        raise error

    monkeypatch.setattr(fetching, "_download", download)
    with pytest.raises(UserError) as raised:
        fetch("cifar100", tmp_path)
    message, (archive,) = str(raised.value), PUBLIC["cifar100"]
    assert "\n" not in message
    assert all(part in message for part in (*archive, str(tmp_path)))
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def served(tmp_path, monkeypatch):
    """CIFAR-10's archive under an address of a server on this machine, which gives these bytes instead."""
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
    (archive,) = PUBLIC["cifar10"]
    url = f"http://127.0.0.1:{server.server_address[1]}/{archive.name}"
    monkeypatch.setitem(PUBLIC, "cifar10", (archive._replace(url=url),))
    yield content
    server.shutdown()
    server.server_close()


def test_torchvision_downloads_the_archive(tmp_path, monkeypatch, served):
    (archive,) = PUBLIC["cifar10"]
    monkeypatch.setitem(PUBLIC, "cifar10", (archive._replace(md5=hashlib.md5(served).hexdigest()),))
    (path,) = fetch("cifar10", tmp_path / "raw")
    assert path.read_bytes() == served


def test_torchvision_refuses_a_wrong_file(tmp_path, served):
    with pytest.raises(UserError, match="fetch cifar10: File not found or corrupted"):
        fetch("cifar10", tmp_path / "raw")
    assert list((tmp_path / "raw").iterdir()) == []


def test_a_folder_that_cannot_be_made_is_one_line(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(UserError, match="fetch cifar10: "):
        fetch("cifar10", tmp_path / "file" / "raw")


def test_what_is_not_public_is_named():
    with pytest.raises(UserError, match="'omniglot' cannot be downloaded; public sets are cifar10, .*, stl10"):
        fetch("omniglot")


def test_addresses_and_sums_are_those_that_torchvision_knows():
    from torchvision import datasets

    for name, known in (("cifar10", datasets.CIFAR10), ("cifar100", datasets.CIFAR100), ("stl10", datasets.STL10)):
        assert PUBLIC[name] == (Published(known.filename, known.tgz_md5, known.url),)
    assert [(file.name, file.md5) for file in PUBLIC["fashion_mnist"]] == datasets.FashionMNIST.resources
    assert {file.url.removesuffix(file.name) for file in PUBLIC["fashion_mnist"]} == set(datasets.FashionMNIST.mirrors)
