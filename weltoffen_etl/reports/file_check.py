"""The result of checking one file, for a person at a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from gettext import gettext as _
from itertools import groupby

from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.text import Text

from weltoffen_etl.check import FileCheck
from weltoffen_etl.findings import Finding
from weltoffen_etl.language import noted
from weltoffen_etl.reports.pages.german import whole

_SHOWN = 3
TOOLS = {
    "limesurvey": "LimeSurvey",
    "qualtrics": "Qualtrics",
    "sosci": "SoSci Survey",
    "microsoft_forms": "Microsoft Forms",
    "google_forms": "Google Forms",
    "kobo": "KoboToolbox",
    "surveymonkey": "SurveyMonkey",
    "efs": "Tivian/EFS",
    "spss": "SPSS",
    "generic": noted("Tabelle ohne Merkmale eines Werkzeugs"),
    "selfcheck_template": noted("Selbstcheck-Vorlage"),
    "workshop": noted("Workshop-Vorlage"),
    "mural": noted("Mural-Board"),
    "padlet": noted("Padlet-Board"),
    "polis": noted("Polis-Dialog"),
    "mentimeter": "Mentimeter",
}
"""Names of the survey and workshop tools."""
_VERDICTS = {
    "accepted": ("green", noted("Die Datei kann so gesendet werden.")),
    "partly_kept_back": (
        "yellow",
        noted("Die Datei wird gelesen, aber einzelne Zeilen werden zurückgestellt."),
    ),
    "kept_back": ("red", noted("Aus der Datei kann nichts übernommen werden.")),
}
_HEADINGS = {
    "critical": ("red", noted("Bitte beheben")),
    "warning": ("yellow", noted("Bitte ansehen")),
    "info": ("cyan", noted("Zur Kenntnis")),
}


def show_check(check: FileCheck) -> None:
    """Prints what a file is, whether it would be taken, and what to do about it."""
    console = Console(highlight=False, markup=False)
    colour, verdict = _VERDICTS[check.verdict]
    console.print(Text(check.file, style="bold"))
    console.print(Text(_(verdict), style=f"bold {colour}"))
    console.print()
    for label, fact in _facts(check):
        console.print(Text(f"  {label:<14}", style="dim") + Text(fact), soft_wrap=True)
    for severity, (tint, heading) in _HEADINGS.items():
        found = [finding for finding in check.findings if finding.severity == severity]
        if found:
            console.print()
            console.print(Text(_(heading) + f" ({whole(len(found))})", style=f"bold {tint}"))
            for line in _grouped(found):
                console.print(Padding(line, (0, 0, 0, 2)))
    if any(x.rule in ("ags_unknown", "wave_unknown") and x.value is None for x in check.findings):
        console.print()
        console.print(
            _(
                "Kommune und Welle stehen sonst im Ordner der Lieferung. Für die Prüfung lassen "
                "sie sich mit --ags und --wave angeben."
            )
        )


def _facts(check: FileCheck) -> Iterator[tuple[str, str]]:
    if check.tool is None:
        yield _("Erkannt als"), _("nicht erkannt")
    else:
        kind = f" ({check.variant})" if check.variant else ""
        yield _("Erkannt als"), _(TOOLS.get(check.tool, check.tool)) + kind
    if check.container is not None:
        details = [check.container.upper(), check.encoding, _separator(check.delimiter)]
        sheet = _("Blatt „{sheet}“").format(sheet=check.sheet) if check.sheet else None
        yield _("Format"), ", ".join(x for x in (*details, sheet) if x)
        yield (
            _("Umfang"),
            _("{rows} Zeilen, {columns} Spalten").format(
                rows=whole(check.rows), columns=whole(check.columns)
            ),
        )
    if check.instrument is not None:
        yield (
            _("Fragebogen"),
            _("{name}: {found} von {expected} Fragen gefunden").format(
                name=check.instrument, found=check.items_found, expected=check.items_expected
            ),
        )
    if check.tool is not None:
        fate = _("{accepted} übernommen, {kept_back} zurückgestellt").format(
            accepted=whole(check.rows_accepted), kept_back=whole(check.rows_kept_back)
        )
        if check.rows_not_counted:
            fate += "; " + _("{n} zählen nicht (nur geöffnet, Test, doppelt)").format(
                n=whole(check.rows_not_counted)
            )
        yield _("Zeilen"), fate


def _grouped(findings: Sequence[Finding]) -> Iterator[RenderableType]:
    """One paragraph a rule: the first sentences in full, the rest by their rows."""
    by_rule = sorted(findings, key=lambda finding: finding.rule)
    for _rule, group in groupby(by_rule, key=lambda finding: finding.rule):
        entries = list(group)
        shown = entries if len(entries) <= _SHOWN + 1 else entries[:_SHOWN]
        for finding in shown:
            yield Text("• ") + Text(_where(finding), style="dim") + Text(finding.message)
        rest = entries[len(shown) :]
        if rest:
            more = _("und {n} weitere dieser Art").format(n=whole(len(rest)))
            yield Text(
                "  … " + more + _rows(rest),
                style="dim",
            )


def _where(finding: Finding) -> str:
    parts = []
    if finding.sheet:
        parts.append(_("Blatt „{sheet}“").format(sheet=finding.sheet))
    if finding.source_row:
        parts.append(_("Zeile {number}").format(number=finding.source_row))
    return f"{', '.join(parts)}: " if parts else ""


def _rows(findings: Sequence[Finding]) -> str:
    rows = sorted({finding.source_row for finding in findings if finding.source_row})
    if not rows:
        return ""
    listed = ", ".join(map(str, rows[:12])) + (" …" if len(rows) > 12 else "")
    return " " + _("in Zeile {rows}").format(rows=listed)


def _separator(mark: str | None) -> str | None:
    if mark is None:
        return None
    return {"\t": _("Tabulator"), ";": _("Semikolon"), ",": _("Komma")}.get(mark, mark)
