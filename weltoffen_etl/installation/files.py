"""The files of an installation: which there are, what stands in them, and writing them."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from weltoffen_etl import configuration
from weltoffen_etl.settings import PROJECT_ROOT

CONFIG = Path("/etc/weltoffen/weltoffen.toml")
ENVIRONMENT = Path("/etc/weltoffen/environment")
_UNITS = Path("/etc/systemd/system")
_TEMPLATES = Path(__file__).with_name("templates")
# Systemd reads spaces, quotes, percent and dollar signs in its files as more than themselves.
_PLAIN = re.compile(r"[\w./@+-]+")


class InstallationError(RuntimeError):
    """Nothing was written; says in German why and what to do."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be installed.

    Attributes:
        user: account and group of the service.
        data_dir: absolute path of the data folder.
        backup_to: absolute path of the folder for second copies, None for none.
        memory: all processes of the service together, in systemd's notation.
        program: the command ``weltoffen`` that the units call.
    """

    user: str
    data_dir: Path
    backup_to: Path | None = None
    memory: str = "10G"
    program: Path = Path(sys.prefix) / "bin" / "weltoffen"

    def __post_init__(self) -> None:
        """Refuses what systemd would understand otherwise.

        Raises:
            InstallationError: a value has other characters, or a path is not absolute.
        """
        paths = [self.data_dir, self.program, PROJECT_ROOT]
        paths += [self.backup_to] if self.backup_to else []
        for value in (self.user, self.memory, *map(str, paths)):
            if not _PLAIN.fullmatch(value):
                raise InstallationError(
                    f"{value!r} enthält Zeichen, die in Dateien von systemd etwas anderes "
                    "bedeuten. Erlaubt sind Buchstaben, Ziffern und . _ - + @ /"
                )
        for path in paths:
            if not path.is_absolute():
                raise InstallationError(f"{path} muss mit / beginnen.")

    @property
    def units(self) -> tuple[str, ...]:
        """Names of the units."""
        backup = ("weltoffen-backup.service", "weltoffen-backup.timer") if self.backup_to else ()
        return (
            "weltoffen.service",
            "weltoffen-watch.service",
            "weltoffen-watch.timer",
            *backup,
        )


@dataclass(frozen=True, slots=True)
class File:
    """One file.

    Attributes:
        path: where it belongs.
        text: what stands in it.
        mode: its permissions.
        own: whether it is the operator's once it is there: it is never written again.
    """

    path: Path
    text: str
    mode: int
    own: bool


def files(plan: Plan) -> list[File]:
    """Returns all files of an installation."""
    templates = Environment(  # noqa: S701  (no HTML; values are checked by `Plan`)
        loader=FileSystemLoader(_TEMPLATES),
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        trim_blocks=True,
    )

    def rendered(name: str) -> str:
        writes = [plan.data_dir]
        if name.startswith("weltoffen-backup") and plan.backup_to:
            writes.append(plan.backup_to)
        return templates.get_template(f"{name}.j2").render(
            user=plan.user,
            data_dir=plan.data_dir,
            backup_to=plan.backup_to,
            memory=plan.memory,
            program=plan.program,
            checkout=PROJECT_ROOT,
            config=CONFIG,
            environment=ENVIRONMENT,
            writes=writes,
        )

    given = re.sub(
        r"^# data_dir = .*$",
        lambda _: f'data_dir = "{plan.data_dir}"',
        configuration.example(),
        flags=re.MULTILINE,
    )
    return [
        *(File(_UNITS / name, rendered(name), 0o644, own=False) for name in plan.units),
        File(CONFIG, given, 0o640, own=True),
        File(ENVIRONMENT, rendered("environment"), 0o640, own=True),
    ]


def write(plan: Plan, root: Path) -> tuple[list[Path], list[Path]]:
    """Writes the files that are missing; all or none.

    Args:
        plan: what is to be installed.
        root: folder that stands for ``/``.

    Returns:
        Files written, and files left as they were.

    Raises:
        InstallationError: a unit stands there with another content, or cannot be written.
    """
    placed = [(root / file.path.relative_to("/"), file) for file in files(plan)]
    changed = [
        str(target)
        for target, file in placed
        if not file.own and target.exists() and target.read_text("utf-8") != file.text
    ]
    if changed:
        raise InstallationError(
            f"Nichts geschrieben. Anders als erwartet sind: {', '.join(changed)}. Bitte mit der "
            "Ausgabe von --dry-run vergleichen, eigene Änderungen mit `systemctl edit` eintragen, "
            "die Dateien entfernen und den Befehl wiederholen."
        )
    written, left = [], []
    try:
        for target, file in placed:
            if target.exists():
                left.append(target)
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            target.touch(mode=file.mode)
            target.write_text(file.text, encoding="utf-8")
            target.chmod(file.mode)
            written.append(target)
    except OSError as error:
        raise InstallationError(
            f"{error.filename}: {error.strerror}. Bitte mit sudo wiederholen oder --into angeben."
        ) from None
    return written, left


def next_commands(plan: Plan) -> list[str]:
    """Returns the commands that an administrator runs after writing; none is run here."""
    folders = [plan.data_dir, *([plan.backup_to] if plan.backup_to else [])]
    timers = [name for name in plan.units if name.endswith(".timer")]
    account = f"--system --user-group --home-dir {plan.data_dir} --shell /usr/sbin/nologin"
    return [
        f"id {plan.user} || useradd {account} {plan.user}",
        *(f"install -d -m 0750 -o {plan.user} -g {plan.user} {folder}" for folder in folders),
        f"chgrp {plan.user} {CONFIG} {ENVIRONMENT}",
        "systemctl daemon-reload",
        f"systemctl enable --now weltoffen.service {' '.join(timers)}",
    ]
