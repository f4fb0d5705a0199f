"""Optional pull: fetches responses from a LimeSurvey server into the inbox as one more delivery."""

from __future__ import annotations

import hashlib
import logging
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final
from urllib.parse import urlsplit

import yaml
from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from weltoffen_etl.deliveries.archive import Archive
from weltoffen_etl.deliveries.places import Registry, place_of
from weltoffen_etl.durable import fsync
from weltoffen_etl.settings import Settings
from weltoffen_etl.text_yaml import load_texts

if TYPE_CHECKING:
    from citric import Client

log = logging.getLogger(__name__)
PULLS = "pulls.yml"
_LOCAL_HOSTS: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_SERVER_ERROR: Final = 500
_NO_DATA: Final = ("no data", "no response", "table does not exist")
_NO_PERMISSION: Final = ("no permission",)
_WRONG_LOGIN: Final = ("invalid user name or password", "invalid session key", "login attempts")
_WRONG_SURVEY: Final = ("invalid survey id", "invalid survey")


class PullError(RuntimeError):
    """Responses could not be fetched; the German sentence says why and what to do."""


class PullSettings(BaseSettings):
    """Access to the server; each can be given as ``WELTOFFEN_LIMESURVEY_<NAME>``.

    Attributes:
        url: address of RemoteControl 2, ending in ``/admin/remotecontrol``.
        user: user with the right to export responses.
        password: the user's password.
        seconds: the server must answer within this time.
    """

    model_config = SettingsConfigDict(
        env_prefix="WELTOFFEN_LIMESURVEY_", frozen=True, extra="ignore", hide_input_in_errors=True
    )

    url: str = ""
    user: str = ""
    password: SecretStr = SecretStr("")
    seconds: Annotated[float, Field(gt=0)] = 60.0


class Pull(BaseModel):
    """One survey to fetch and where it belongs.

    Attributes:
        survey: number of the survey on the server.
        wave: wave of measurement.
        ags: municipality; None for a survey that covers several.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    survey: Annotated[int, Field(gt=0)]
    wave: str
    ags: str | None = None

    @property
    def place(self) -> str:
        """Folder below the inbox."""
        return f"{self.ags}/{self.wave}/selfcheck" if self.ags else f"_multi/{self.wave}"


@dataclass(frozen=True, slots=True)
class Pulled:
    """What came of one pull.

    Attributes:
        pull: what was asked for.
        file: the new delivery, None when nothing was written.
        remark: German sentence, why nothing was written.
        failed: whether that is a mistake to mend.
    """

    pull: Pull
    file: Path | None
    remark: str = ""
    failed: bool = False


class _PullFile(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    surveys: list[Pull] = []


def configured_pulls(reference_dir: Path) -> list[Pull]:
    """Reads ``pulls.yml`` of the reference folder.

    Raises:
        PullError: the file is not valid.
    """
    path = reference_dir / PULLS
    if not path.is_file():
        return []
    try:
        # Texts stay texts: YAML would read the key 03241005 as another number.
        content = load_texts(path.read_text(encoding="utf-8"))
        return _PullFile.model_validate({} if content in (None, "") else content).surveys
    except (yaml.YAMLError, ValidationError) as error:
        raise PullError(f"{path} ist nicht gültig: {error}") from error


def fetch(settings: Settings, access: PullSettings, pulls: Iterable[Pull]) -> list[Pulled]:
    """Fetches the responses of surveys and lays them into the inbox.

    All responses, finished or not, come as CSV with codes as headings and answers. Bytes
    that are in the archive, or wait in the folder, are not written again. One survey
    that fails does not keep the others from coming.

    Args:
        settings: where inbox and archive are.
        access: server, user and password.
        pulls: what to fetch.

    Returns:
        One entry per survey, in the order asked for.

    Raises:
        PullError: the library is not installed, a setting is missing, a place is not
            known, or the server cannot be reached or refuses the login.
    """
    wanted = list(pulls)
    _check_access(access)
    registry = Registry(settings.reference_dir)
    for pull in wanted:
        if place_of(f"{pull.place}/x.csv", registry).problem is not None:
            raise PullError(
                f"Umfrage {pull.survey}: Kommune oder Welle ist nicht bekannt ({pull.place})."
            )
    with _client(access) as client:
        return [_fetch_one(settings, access, client, pull) for pull in wanted]


def _fetch_one(settings: Settings, access: PullSettings, client: Client, pull: Pull) -> Pulled:
    try:
        with _understandable(access, pull):
            content = client.export_responses(
                pull.survey,
                file_format="csv",
                completion_status="all",
                heading_type="code",
                response_type="short",
            )
    except PullError as error:
        return Pulled(pull, None, str(error), failed=True)
    if not content.lstrip(b"\xef\xbb\xbf").startswith((b'"id"', b"id")):
        problem = f"Umfrage {pull.survey}: die Antwort des Servers ist kein Export von Antworten."
        return Pulled(pull, None, problem, failed=True)
    if len(content.strip().splitlines()) <= 1:
        return Pulled(pull, None, f"Umfrage {pull.survey} hat noch keine Antworten.")
    sha256 = hashlib.sha256(content).hexdigest()
    folder = settings.inbox / pull.place
    if Archive(settings.archive).object_path(sha256).exists() or _waits(folder, sha256):
        return Pulled(pull, None, f"Umfrage {pull.survey}: unverändert seit der letzten Lieferung.")
    return Pulled(pull, _deliver(content, folder, pull.survey))


def _waits(folder: Path, sha256: str) -> bool:
    """Whether the same bytes lie in the folder and were not taken in yet."""
    return folder.is_dir() and any(
        hashlib.sha256(file.read_bytes()).hexdigest() == sha256
        for file in folder.glob("limesurvey_*.csv")
        if file.is_file() and not file.is_symlink()
    )


def _deliver(content: bytes, folder: Path, survey: int) -> Path:
    """Writes a file so that the inbox never shows half of it."""
    folder.mkdir(parents=True, exist_ok=True)
    name = f"limesurvey_{survey}_{datetime.now(UTC):%Y-%m-%dT%H%M%S%fZ}.csv"
    scratch = folder / f".{name}.{os.getpid()}.part"
    try:
        with scratch.open("xb") as file:
            file.write(content)
        fsync(scratch)
        scratch.rename(folder / name)
    finally:
        scratch.unlink(missing_ok=True)
    fsync(folder)
    return folder / name


def _check_access(access: PullSettings) -> None:
    given = {"URL": access.url, "USER": access.user, "PASSWORD": access.password.get_secret_value()}
    if missing := [f"WELTOFFEN_LIMESURVEY_{name}" for name, value in given.items() if not value]:
        raise PullError(f"Für den Abruf fehlt in der Umgebung: {', '.join(missing)}.")
    if "@" in access.url:
        # Looked for in the whole text: a password with "#" or "/" hides from the parser.
        raise PullError(
            "WELTOFFEN_LIMESURVEY_URL enthält Zugangsdaten. Sie gehören in "
            "WELTOFFEN_LIMESURVEY_USER und WELTOFFEN_LIMESURVEY_PASSWORD."
        )
    try:
        address = urlsplit(access.url)
        host = address.hostname
    except ValueError:
        host = None
    if host is None or address.scheme not in ("http", "https"):
        raise PullError(
            "WELTOFFEN_LIMESURVEY_URL ist keine Adresse. Sie beginnt mit https:// und endet auf "
            "/admin/remotecontrol."
        )
    if address.scheme == "http" and host not in _LOCAL_HOSTS:
        raise PullError(
            "WELTOFFEN_LIMESURVEY_URL beginnt mit http://; das Kennwort ginge unverschlüsselt über "
            "das Netz. Bitte https:// verwenden."
        )


@contextmanager
def _client(access: PullSettings) -> Iterator[Client]:
    """Logs in and, whatever happens, out again."""
    try:
        import requests
        from citric import Client
        from citric.exceptions import LimeSurveyError, ResponseMismatchError
    except ImportError as error:
        raise PullError(
            "Für den Abruf fehlt die Bibliothek citric. Bitte installieren: uv sync --extra pull"
        ) from error

    class _Bounded(requests.Session):
        """A session that does not wait for ever and sends no password elsewhere."""

        def request(self, *args: Any, **kwargs: Any) -> requests.Response:
            kwargs.setdefault("timeout", access.seconds)
            kwargs["allow_redirects"] = False
            answer = super().request(*args, **kwargs)
            if answer.is_redirect:
                raise requests.TooManyRedirects(response=answer)
            return answer

    with _Bounded() as session:
        # Without this, a .netrc of the machine could put other credentials in.
        session.trust_env = False
        with _understandable(access):
            client = Client(
                access.url,
                access.user,
                access.password.get_secret_value(),
                requests_session=session,
            )
        try:
            yield client
        finally:
            # The export is here already; a failed logout only leaves a key that expires.
            try:
                client.close()
            except (
                requests.RequestException,
                LimeSurveyError,
                ResponseMismatchError,
                LookupError,
                TypeError,
            ) as error:
                log.warning("release_session_key failed: %s", type(error).__name__)


@contextmanager
def _understandable(access: PullSettings, pull: Pull | None = None) -> Iterator[None]:
    """Turns every failure into a German sentence; foreign texts may hold secrets, so none is kept."""
    import requests
    from citric import exceptions

    about = f"Umfrage {pull.survey}: " if pull else ""
    host = urlsplit(access.url).hostname
    wrong_url = (
        f"{about}Unter WELTOFFEN_LIMESURVEY_URL antwortet keine RemoteControl-Schnittstelle. Bitte "
        "die Adresse prüfen (sie endet auf /admin/remotecontrol) und ob JSON-RPC eingeschaltet ist."
    )
    try:
        yield
    except requests.TooManyRedirects:
        problem = f"{about}Der Server leitet an eine andere Adresse um. Bitte diese als WELTOFFEN_LIMESURVEY_URL eintragen."
    except requests.Timeout:
        problem = f"{about}Der Server {host} hat nicht innerhalb von {access.seconds:g} Sekunden geantwortet."
    except requests.exceptions.SSLError:
        problem = f"{about}Das Zertifikat des Servers {host} ist nicht gültig."
    except requests.ConnectionError:
        problem = f"{about}Der Server {host} ist nicht erreichbar. Bitte Adresse und Netz prüfen."
    except requests.HTTPError as error:
        status = error.response.status_code if error.response is not None else 0
        problem = (
            f"{about}Der Server {host} meldet einen Fehler (HTTP {status})."
            if status >= _SERVER_ERROR
            else f"{wrong_url} (HTTP {status})"
        )
    except exceptions.LimeSurveyStatusError as error:
        problem = about + _refusal(str(error), access)
    except exceptions.LimeSurveyApiError:
        problem = f"{about}LimeSurvey hat die Anfrage mit einem Fehler beantwortet."
    except (
        exceptions.LimeSurveyError,
        exceptions.ResponseMismatchError,
        requests.RequestException,
        ValueError,
        TypeError,
        KeyError,
    ):
        problem = wrong_url
    else:
        return
    raise PullError(problem) from None


def _refusal(status: str, access: PullSettings) -> str:
    """What LimeSurvey means by the status it sends with HTTP 200."""
    said = status.casefold()
    if any(words in said for words in _NO_DATA):
        return "es gibt noch keine Antworten, oder die Umfrage ist nicht aktiv."
    if any(words in said for words in _NO_PERMISSION):
        return "der Benutzer darf die Antworten nicht exportieren. Bitte das Recht in LimeSurvey vergeben."
    if any(words in said for words in _WRONG_LOGIN):
        return "LimeSurvey hat die Anmeldung abgelehnt. Bitte Benutzer und Kennwort prüfen."
    if any(words in said for words in _WRONG_SURVEY):
        return "diese Umfrage gibt es auf dem Server nicht."
    for secret in (access.password.get_secret_value(), access.user):
        status = status.replace(secret, "***")
    return f"LimeSurvey antwortet: „{status}“."
