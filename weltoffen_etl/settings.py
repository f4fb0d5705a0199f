"""Where things are and how strict to be: environment, one file, and sane defaults."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator
from pydantic_settings import (
    BaseSettings,
    InitSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from weltoffen_etl.settings_file import content, settings_file

PROJECT_ROOT = Path(__file__).resolve().parent.parent
SQL_DIR = PROJECT_ROOT / "sql"


Count = Annotated[int, Field(gt=0)]


class Limits(BaseModel):
    """How large a delivered file may be; whatever exceeds a limit is refused with a finding.

    Each can be given as ``WELTOFFEN_LIMITS__<NAME>``. The defaults lie far above any real
    export and low enough that the reading process keeps within its memory.

    Attributes:
        unpacked_bytes: content of a workbook after unpacking, counted while unpacking.
        pack_ratio: unpacked bytes for each byte of the file, from 100 kB of file on.
        members: members of a workbook's package.
        rows: rows of a sheet or text file.
        columns: columns of a sheet or text file; a spreadsheet ends at 16,384.
        cells: cells of the smallest rectangle that holds all filled cells of a sheet.
        cell_characters: characters of one cell of a workbook.
        line_bytes: bytes of one line or record of a text file.
        ragged_rows: rows with too many or too few fields that are reported one by one.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    unpacked_bytes: Count = 1024**3
    pack_ratio: Count = 150
    members: Count = 2_000
    rows: Count = 5_000_000
    columns: Count = 16_384
    cells: Count = 20_000_000
    cell_characters: Count = 100_000
    line_bytes: Count = 1024**2
    ragged_rows: Count = 10_000


STANDARD_LIMITS = Limits()
"""The limits where nothing else is set."""


class InstallationSettings(BaseSettings):
    """What all settings of an installation share: prefix and file; the environment wins."""

    model_config = SettingsConfigDict(
        env_prefix="WELTOFFEN_",
        env_nested_delimiter="__",
        frozen=True,
        extra="ignore",
        hide_input_in_errors=True,
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Reads call, environment and file, in this order.

        Raises:
            SettingsFileError: the file cannot be used.
        """
        told = content(settings_file(PROJECT_ROOT), (Settings, NoticeSettings))
        return init_settings, env_settings, InitSettingsSource(settings_cls, told)


class Settings(InstallationSettings):
    """Settings of one installation; each can be given as ``WELTOFFEN_<NAME>``, or in the file.

    Attributes:
        data_dir: holds ``inbox/ archive/ stage/ warehouse/ releases/``.
        reference_dir: registry, waves, instruments, aliases, corrections.
        settle_seconds: a file changed within the last minute is looked at twice, this
            many seconds apart; if it moved, it is left for the next run.
        min_respondents: published figures need at least this many respondents.
        min_municipalities: published figures of a group need at least this many municipalities.
        dominance_share: what is left of a group's figure without its two greatest municipalities
            must be at least this share of the greatest, where municipalities see it.
        min_answered_share: means of a part need at least this share of its possible answers,
            of the forms that chose the action field.
        anonymous_peers: whether the municipalities of a group of peers are told by number only.
        max_file_bytes: larger files are refused unread.
        reader_memory_bytes: memory limit of the process that parses files.
        reader_seconds: processor time for parsing one file; ten times as much may pass on the clock,
            and once more in a new process.
        limits: how large the content of a file may be.
        official_list: official workbook of all municipalities (Destatis, GV-ISys) that the
            registry is compared with; none where the operator has not downloaded it.
        as_of: day on which deliveries are due or not, for rebuilding a release; the day of
            the run where none is given.
        release_name: name of the release to be written, for rebuilding one; its time of
            publication follows from it. The time of the run where none is given.
        clock_is_right: whether to publish although the current release lies in the future.
        keep_releases: number of releases to keep; older ones are removed after a new one is
            published, but for the current one and those named in ``releases/kept.txt``, a name a
            line. All are kept where none is given.
        other_formats: whether a release also holds its tables as Parquet, workbook and CSV, with
            data package and dictionary.
        site: whether a release also holds the comparison report.
        contact_note: sentence at the end of a municipality's report: whom to ask.
        microdata: whether the evaluators' database also holds single forms under a pseudonym.
        partner_databases: whether each municipality gets a database of its own figures and of
            groups of the others, beside that of the evaluators.
        pdf_reports: whether each municipality's report is also written as PDF.
        excel_csv: whether a release also holds its tables as CSV for a German Excel, beside the
            workbook and the CSV files for machines.
        engine: what builds the tables that grow with the answers: ``duckdb``, in this process, or
            ``spark``, a Spark Connect server; content is the same.
        spark_url: address of the server, ``sc://host:port`` with options as PySpark knows them; a
            token in it is a secret and belongs into the environment.
        spark_stage: the folder ``stage`` of the data folder as the cluster sees it, for example
            ``s3://bucket/stage``; None where the path is the same there.
        duckdb_memory: DuckDB's memory limit, in DuckDB's notation.
        duckdb_threads: DuckDB's threads, 0 for all.
        query_memory: memory limit of a question to a release, in DuckDB's notation.
        query_seconds: a question to a release is broken off after this many seconds.
        early_checks: whether a new file is checked by day and its sender told at once.
        tries: how often a step of a night is begun when what stopped it can pass by itself.
        try_again_seconds: wait before the second try; each further wait is twice as long.
        alarm_hours: without a night that ended well for this many hours there is an alarm.
        waiting_hours: a delivery that no release holds after this many hours gives an alarm.
        min_free_bytes: less free space on the disk of the data folder gives an alarm.
        keep_run_days: days that the scheduler's own records of a run are kept.
        warehouse_key_file: file with the key that encrypts the internal warehouse; it is written
            as it is where none is given.
        log_format: ``text`` for a person at a terminal, ``json`` for a collector of logs: one
            object a line.
    """

    data_dir: Path = PROJECT_ROOT / "data"
    reference_dir: Path = PROJECT_ROOT / "data" / "reference"
    settle_seconds: Annotated[float, Field(ge=0)] = 2.0
    min_respondents: Annotated[int, Field(ge=1)] = 5
    min_municipalities: Annotated[int, Field(ge=1)] = 3
    dominance_share: Annotated[float, Field(ge=0, le=1)] = 0.15
    min_answered_share: Annotated[float, Field(ge=0, le=1)] = 0.5
    anonymous_peers: bool = False
    max_file_bytes: Annotated[int, Field(gt=0)] = 2 * 1024**3
    reader_memory_bytes: Annotated[int, Field(ge=1280 * 1024**2)] = 2 * 1024**3
    reader_seconds: Annotated[float, Field(gt=0)] = 60.0
    limits: Limits = STANDARD_LIMITS
    official_list: Path | None = None
    as_of: date | None = None
    release_name: Annotated[str, Field(pattern=r"^\d{8}T\d{6}Z(-\d+)?$")] | None = None
    clock_is_right: bool = False
    keep_releases: Annotated[int, Field(ge=2)] | None = None
    other_formats: bool = True
    site: bool = True
    contact_note: str = (
        "Fragen? Bitte antworten Sie auf die E-Mail, mit der Sie diesen Bericht erhalten haben."
    )
    microdata: bool = False
    partner_databases: bool = True
    pdf_reports: bool = False
    excel_csv: bool = False
    engine: Literal["duckdb", "spark"] = "duckdb"
    spark_url: Annotated[str, Field(pattern=r"^sc://[^/\s]+")] | None = None
    spark_stage: str | None = None
    duckdb_memory: str = "3GB"
    duckdb_threads: Annotated[int, Field(ge=0)] = 0
    query_memory: str = "2GB"
    query_seconds: Annotated[float, Field(gt=0)] = 300.0
    early_checks: bool = True
    tries: Annotated[int, Field(ge=1, le=10)] = 3
    try_again_seconds: Annotated[float, Field(ge=0)] = 30.0
    alarm_hours: Annotated[float, Field(gt=0)] = 26.0
    waiting_hours: Annotated[float, Field(gt=0)] = 36.0
    min_free_bytes: Annotated[int, Field(ge=0)] = 1024**3
    keep_run_days: Annotated[int, Field(ge=1)] = 90
    warehouse_key_file: Path | None = None
    log_format: Literal["text", "json"] = "text"

    @model_validator(mode="after")
    def _server_is_named(self) -> Self:
        if self.engine == "spark" and self.spark_url is None:
            raise ValueError("WELTOFFEN_SPARK_URL fehlt: die Adresse des Spark-Connect-Servers.")
        return self

    @property
    def day(self) -> date:
        """The day that due dates are compared with: ``as_of``, else today in Germany."""
        return self.as_of or datetime.now(ZoneInfo("Europe/Berlin")).date()

    @property
    def inbox(self) -> Path:
        """Folder into which files are delivered."""
        return self.data_dir / "inbox"

    @property
    def archive(self) -> Path:
        """Folder that keeps every delivered byte and the ledger."""
        return self.data_dir / "archive"

    @property
    def stage(self) -> Path:
        """Folder with what each delivery gave; can be deleted at any time."""
        return self.data_dir / "stage"

    @property
    def warehouse(self) -> Path:
        """Folder of the internal warehouse."""
        return self.data_dir / "warehouse"

    @property
    def releases(self) -> Path:
        """Folder of the published releases."""
        return self.data_dir / "releases"

    @property
    def browser_engines(self) -> Path:
        """Folder of the installed engines of the page that asks with SQL, one for each version."""
        return self.data_dir / "browser"

    @property
    def outbox(self) -> Path:
        """Folder of the messages to senders and operator."""
        return self.data_dir / "outbox"

    @property
    def early(self) -> Path:
        """Folder of the copies that a check by day reads; empty between its rounds."""
        return self.data_dir / "early"

    @property
    def warehouse_file(self) -> Path:
        """The internal warehouse of the last published run."""
        return self.warehouse / "warehouse.duckdb"

    @property
    def journal(self) -> Path:
        """One line of JSON per finished run."""
        return self.warehouse / "runs.jsonl"


class SmtpSettings(BaseModel):
    """The mail server; each can be given as ``WELTOFFEN_SMTP__<NAME>``.

    Attributes:
        host: name of the server; None: nothing is sent.
        port: port; None for the usual one of the security.
        security: ``starttls``, ``tls`` from the first byte, or ``none``, without a login.
        user: user, None for a server without login.
        password: the user's password.
        password_file: file that holds the password in its first line.
        ca_file: certificates to trust instead of those of the system.
        sender: address that messages come from.
        timeout: the server must answer within this many seconds.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    host: str | None = None
    port: Annotated[int, Field(gt=0, lt=65_536)] | None = None
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: str | None = None
    password: SecretStr | None = None
    password_file: Path | None = None
    ca_file: Path | None = None
    sender: str | None = None
    timeout: Annotated[float, Field(gt=0)] = 30.0

    @property
    def effective_port(self) -> int:
        """The port, or the usual one."""
        return self.port or {"starttls": 587, "tls": 465, "none": 25}[self.security]

    @model_validator(mode="after")
    def _belong_together(self) -> Self:
        if self.host is not None and self.sender is None:
            raise ValueError("WELTOFFEN_SMTP__SENDER fehlt: die Adresse des Absenders.")
        if self.user is not None and self.security == "none":
            raise ValueError("Ein Kennwort wird nicht unverschlüsselt gesendet.")
        if (self.user is not None) != ((self.password is None) != (self.password_file is None)):
            raise ValueError(
                "Zu WELTOFFEN_SMTP__USER gehört entweder __PASSWORD oder __PASSWORD_FILE."
            )
        return self


class NoticeSettings(InstallationSettings):
    """Who is told of a run and how; each can be given as ``WELTOFFEN_<NAME>``.

    Read where messages are sent, and apart from `Settings`, because
    those travel as JSON and are stored with a run: a password must never be among them.

    Attributes:
        contacts_file: CSV ``ags,email``; None for ``contacts.csv`` in the data folder.
        operator_email: who gets the digest of a run and is told of alarms.
        smtp: the mail server.
        webhook_url: address that alarms are posted to, ``https`` or on this machine; whoever
            knows it may write there, so it is a secret.
        webhook_url_file: file that holds that address in its first line.
        webhook_timeout: the whole post may take this many seconds.
    """

    contacts_file: Path | None = None
    operator_email: str | None = None
    smtp: SmtpSettings = SmtpSettings()
    webhook_url: SecretStr | None = None
    webhook_url_file: Path | None = None
    webhook_timeout: Annotated[float, Field(gt=0)] = 10.0
