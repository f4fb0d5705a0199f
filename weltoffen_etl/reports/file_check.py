"""The result of checking one file, for a person at a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.text import Text

from weltoffen_etl.check import FileCheck
from weltoffen_etl.findings import Finding
from weltoffen_etl.reports.pages.german import whole

_SHOWN = 3
_TOOLS = {
    "limesurvey": "LimeSurvey",
    "qualtrics": "Qualtrics",
    "sosci": "SoSci Survey",
    "microsoft_forms": "Microsoft Forms",
    "google_forms": "Google Forms",
    "kobo": "KoboToolbox",
    "surveymonkey": "SurveyMonkey",
    "efs": "Tivian/EFS",
    "spss": "SPSS",
    "generic": "Tabelle ohne Merkmale eines Werkzeugs",
    "selfcheck_template": "Selbstcheck-Vorlage",
    "workshop": "Workshop-Vorlage",
    "mural": "Mural-Board",
    "padlet": "Padlet-Board",
    "polis": "Polis-Dialog",
    "mentimeter": "Mentimeter",
}
_VERDICTS = {
    "accepted": ("green", "Die Datei kann so gesendet werden."),
    "partly_kept_back": (
        "yellow",
        "Die Datei wird gelesen, aber einzelne Zeilen werden zurückgestellt.",
    ),
    "kept_back": ("red", "Aus der Datei kann nichts übernommen werden."),
}
_HEADINGS = {
    "critical": ("red", "Bitte beheben"),
    "warning": ("yellow", "Bitte ansehen"),
    "info": ("cyan", "Zur Kenntnis"),
}


def show_check(check: FileCheck) -> None:
    """Prints what a file is, whether it would be taken, and what to do about it."""
    console = Console(highlight=False, markup=False)
    colour, verdict = _VERDICTS[check.verdict]
    console.print(Text(check.file, style="bold"))
    console.print(Text(verdict, style=f"bold {colour}"))
    console.print()
    for label, fact in _facts(check):
        console.print(Text(f"  {label:<14}", style="dim") + Text(fact), soft_wrap=True)
    for severity, (tint, heading) in _HEADINGS.items():
        found = [finding for finding in check.findings if finding.severity == severity]
        if found:
            console.print()
            console.print(Text(f"{heading} ({whole(len(found))})", style=f"bold {tint}"))
            for line in _grouped(found):
                console.print(Padding(line, (0, 0, 0, 2)))
    if any(x.rule in ("ags_unknown", "wave_unknown") and x.value is None for x in check.findings):
        console.print()
        console.print(
            "Kommune und Welle stehen sonst im Ordner der Lieferung. Für die Prüfung lassen sie "
            "sich mit --ags und --wave angeben."
        )


def _facts(check: FileCheck) -> Iterator[tuple[str, str]]:
    if check.tool is None:
        yield "Erkannt als", "nicht erkannt"
    else:
        kind = f" ({check.variant})" if check.variant else ""
        yield "Erkannt als", _TOOLS.get(check.tool, check.tool) + kind
    if check.container is not None:
        details = [check.container.upper(), check.encoding, _separator(check.delimiter)]
        sheet = f"Blatt „{check.sheet}“" if check.sheet else None
        yield "Format", ", ".join(x for x in (*details, sheet) if x)
        yield "Umfang", f"{whole(check.rows)} Zeilen, {whole(check.columns)} Spalten"
    if check.instrument is not None:
        yield (
            "Fragebogen",
            f"{check.instrument}: {check.items_found} von {check.items_expected} Fragen gefunden",
        )
    if check.tool is not None:
        fate = f"{whole(check.rows_accepted)} übernommen, "
        fate += f"{whole(check.rows_kept_back)} zurückgestellt"
        if check.rows_not_counted:
            fate += f"; {whole(check.rows_not_counted)} zählen nicht (nur geöffnet, Test, doppelt)"
        yield "Zeilen", fate


def _grouped(findings: Sequence[Finding]) -> Iterator[RenderableType]:
    """One paragraph a rule: the first sentences in full, the rest by their rows."""
    by_rule = sorted(findings, key=lambda finding: finding.rule)
    for _, group in groupby(by_rule, key=lambda finding: finding.rule):
        entries = list(group)
        shown = entries if len(entries) <= _SHOWN + 1 else entries[:_SHOWN]
        for finding in shown:
            yield Text("• ") + Text(_where(finding), style="dim") + Text(finding.message)
        rest = entries[len(shown) :]
        if rest:
            yield Text(f"  … und {whole(len(rest))} weitere dieser Art{_rows(rest)}", style="dim")


def _where(finding: Finding) -> str:
    parts = []
    if finding.sheet:
        parts.append(f"Blatt „{finding.sheet}“")
    if finding.source_row:
        parts.append(f"Zeile {finding.source_row}")
    return f"{', '.join(parts)}: " if parts else ""


def _rows(findings: Sequence[Finding]) -> str:
    rows = sorted({finding.source_row for finding in findings if finding.source_row})
    if not rows:
        return ""
    listed = ", ".join(map(str, rows[:12])) + (" …" if len(rows) > 12 else "")
    return f" in Zeile {listed}"


def _separator(mark: str | None) -> str | None:
    if mark is None:
        return None
    return {"\t": "Tabulator", ";": "Semikolon", ",": "Komma"}.get(mark, mark)
