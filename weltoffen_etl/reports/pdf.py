"""Writes an HTML page as PDF, where the optional library and its system libraries are there."""

from __future__ import annotations

from typing import Any, NoReturn

from weltoffen_etl.warehouse.release import PublicationError


def pdf_of(page: str) -> bytes:
    """Returns a page as PDF; nothing is fetched from anywhere.

    Args:
        page: a self-contained HTML page.

    Returns:
        The PDF.

    Raises:
        PublicationError: the library is not installed or does not load.
    """
    weasyprint = _library()
    content: bytes = weasyprint.HTML(string=page, url_fetcher=_nothing).write_pdf()
    return content


def check_pdf() -> None:
    """Refuses early what could not be written later.

    Raises:
        PublicationError: the library is not installed or does not load.
    """
    _library()


def _library() -> Any:
    try:
        import weasyprint
    except (ImportError, OSError) as error:
        raise PublicationError(
            "WELTOFFEN_PDF_REPORTS ist eingeschaltet, aber WeasyPrint ist nicht benutzbar "
            f"({error}). Bitte „uv sync --extra pdf“ ausführen und die Systembibliothek Pango "
            "installieren (unter Debian: libpango-1.0-0, libpangoft2-1.0-0), oder die Einstellung "
            "ausschalten."
        ) from error
    return weasyprint


def _nothing(url: str, *_: object, **__: object) -> NoReturn:
    raise ValueError(f"Eine Seite darf nichts nachladen: {url}")
