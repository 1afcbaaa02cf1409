"""Finding an engine: each thing that can be wrong with what is there, and getting one. No network is asked."""

from __future__ import annotations

import http.server
import os
import threading
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest
from groundplan.core.errors import GroundplanError, UsageError
from groundplan.stacks.engine import building, installation, installing


def program(folder: Path, text: str, *, mode: int = 0o755) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "pulumi"
    path.write_bytes(text.encode() if text.startswith("#!") else bytes.fromhex(text))
    path.chmod(mode)
    return path


@pytest.fixture(autouse=True)
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No engine of this machine is seen."""
    monkeypatch.setenv("PATH", f"{tmp_path / 'path'}{os.pathsep}/usr/bin{os.pathsep}/bin")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("PULUMI_HOME", str(tmp_path / "pulumi-home"))


def test_without_an_engine_the_ways_to_get_one_are_told_and_nothing_is_written(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="not found") as caught:
        installation.find(tmp_path)

    assert "groundplan engine install" in caught.value.hint
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("text", "mode", "problem"),
    [
        ("#!/bin/sh\necho v3.249.9", 0o755, "too old"),
        ("#!/bin/sh\necho v4.0.0", 0o755, "newer than this groundplan knows"),
        ("#!/bin/sh\necho v3.250.0", 0o644, "not executable"),
        ("#!/bin/sh\necho hello", 0o755, "does not say its version"),
        ("#!/bin/sh\nexit 3", 0o755, "does not say its version"),
        ("7f454c4600000000", 0o755, "cannot be run here"),
    ],
)
def test_an_engine_that_cannot_be_used_is_told_with_its_path(
    tmp_path: Path, text: str, mode: int, problem: str
) -> None:
    path = program(tmp_path / "path", text, mode=mode)

    with pytest.raises(UsageError, match=problem) as caught:
        installation.find(None)

    assert (caught.value.where, int(caught.value.exit_code)) == (str(path), 2)


@pytest.mark.parametrize("version", ["v3.250.0", "v3.251.7", "v3.300.0-alpha.1+dirty"])
def test_a_version_from_the_floor_up_is_found(tmp_path: Path, version: str) -> None:
    path = program(tmp_path / "path", f"#!/bin/sh\necho {version}")

    found = installation.find(None)

    assert (found.path, found.version, found.source) == (path, version.removeprefix("v"), "PATH")


def test_one_that_fits_is_taken_before_one_that_does_not_wherever_it_lies(tmp_path: Path) -> None:
    program(tmp_path / "path", "#!/bin/sh\necho v3.1.0")
    path = program(installation.project_folder(tmp_path) / "bin", "#!/bin/sh\necho v3.250.0")

    assert installation.find(tmp_path).path == path


@contextmanager
def served(content: bytes) -> Generator[str]:
    """An address that answers with this."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:
            del format, args

    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


SCRIPT = b"""#!/bin/sh
test "$1 $2 $3 $5" = "--version 3.250.0 --install-root --no-edit-path" || exit 9
mkdir -p "$4/bin"
printf '#!/bin/sh\\necho v3.250.0\\n' > "$4/bin/pulumi"
chmod +x "$4/bin/pulumi"
"""


def test_an_engine_that_fits_is_left_as_it_is(tmp_path: Path) -> None:
    path = program(tmp_path / "path", "#!/bin/sh\necho v3.250.0")
    told: list[str] = []

    done = installing.install(None, way="auto", tell=told.append, installer="http://127.0.0.1:1/")

    assert (done.how, done.engine.path, told) == ("found", path, [])


def test_the_official_installer_is_announced_and_puts_the_engine_into_the_users_folder() -> None:
    told: list[str] = []

    with served(SCRIPT) as address:
        done = installing.install(None, way="auto", tell=told.append, installer=address)

    assert (done.how, done.engine.path) == ("official", installation.user_folder() / "bin" / "pulumi")
    assert "--no-edit-path" in told[0]


@pytest.mark.parametrize("answer", [b"<html>sign in first</html>", b"#!/bin/sh\necho no disk >&2; exit 1\n"])
def test_an_installer_that_is_none_or_fails_is_an_error_that_names_the_other_way(answer: bytes) -> None:
    with served(answer) as address, pytest.raises(GroundplanError) as caught:
        installing.install(None, way="official", tell=lambda _: None, installer=address)

    assert caught.value.hint == "groundplan engine install --from go"
    assert not installation.user_folder().exists()


def test_without_a_network_and_without_go_it_is_said_what_is_missing() -> None:
    told: list[str] = []

    with pytest.raises(UsageError, match="'go' is not on the PATH"):
        installing.install(None, way="auto", tell=told.append, installer="http://127.0.0.1:1/")

    assert "building from source instead" in told[-1]


GO = """#!/bin/sh
case "$1" in
  build) mkdir -p "$(dirname "$5")"; printf '#!/bin/sh\\necho v3.250.0\\n' > "$5"; echo "$PWD" >> "$GO_LOG" ;;
  list) mkdir -p "$GO_SDK/python/cmd" "$GO_SDK/python/dist"
        for file in cmd/pulumi-language-python-exec dist/pulumi-resource-pulumi-python \\
                    dist/pulumi-analyzer-policy-python; do echo '#!/bin/sh' > "$GO_SDK/python/$file"; done
        echo "$GO_SDK" ;;
esac
"""


def test_what_go_builds_comes_into_two_folders_and_is_not_built_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "path"
    folder.mkdir()
    (folder / "go").write_text(GO)
    (folder / "go").chmod(0o755)
    monkeypatch.setenv("GO_LOG", str(tmp_path / "log"))
    monkeypatch.setenv("GO_SDK", str(tmp_path / "sdk"))
    root, told = tmp_path / "engine", list[str]()

    first = building.build(root, tell=told.append)
    built = (tmp_path / "log").read_text().splitlines()
    second = building.build(root, tell=told.append)

    assert first == second == root / "bin" / "pulumi"
    assert sorted(path.name for path in (root / "bin").iterdir()) == [
        "pulumi", "pulumi-language-python", "pulumi-language-python-exec", "pulumi-resource-pulumi-python",
    ]  # fmt: skip
    assert sorted(path.name for path in (root / "policy-bin").iterdir()) == [
        "pulumi",
        "pulumi-analyzer-policy-python",
    ]
    assert (len(built), (tmp_path / "log").read_text().splitlines(), told[-1]) == (
        2, built, f"the engine is built already: {first}",
    )  # fmt: skip


def test_the_recipe_pins_the_version_that_the_python_packages_have() -> None:
    text = (building.RECIPE / "pulumi" / "go.mod").read_text()
    project = (Path(__file__).parents[2] / "pyproject.toml").read_text()

    assert f"github.com/pulumi/pulumi/pkg/v3 v{installation.NEWEST_TESTED}" in text
    assert f'"pulumi=={installation.NEWEST_TESTED}"' in project
