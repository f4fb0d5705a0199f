"""Forty texts that somebody's page, template, spreadsheet or letter might take for more than text."""

from __future__ import annotations

MARK = "data-inert"
"""Attribute that a payload sets on the page when it runs, and property of its style."""

_RUN = f"document.documentElement.setAttribute('{MARK}','1')"
_TEMPLATES = (
    "<script>{run};fetch('{at}')</script>",
    "</td></table><script src={at}></script>",
    "<SCRIPT\n>{run}</SCRIPT >",
    "<scr<script>ipt>{run}</scr</script>ipt>",
    "<svg onload=\"{run}\"><image href='{at}'/></svg>",
    "<svg><script href='{at}'/><style>@import url({at})</style></svg>",
    '<img src=x onerror="{run}">',
    "<img src='{at}'>",
    '" onmouseover="{run}" autofocus onfocus="{run}" x="',
    "' autofocus onfocus='{run}' x='",
    '<body onload="{run}">',
    '<details open ontoggle="{run}">x</details>',
    "<video><source onerror=\"{run}\"></video><audio src='{at}'>",
    '<a href="javascript:{run}">Bitte hier</a>',
    "javascript:{run}",
    "<a href='data:text/html,<script>{run}</script>'>Bitte hier</a>",
    "data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==",
    "[Bitte hier]({at})",
    "![Bild]({at})",
    "{{{{ 7*7 }}}} {{{{ config }}}} {{{{ ''.__class__.__mro__ }}}}",
    "{{% for x in range(9) %}}<script>{run}</script>{{% endfor %}}{{# weg #}}",
    "${{7*7}} #{{7*7}} <%= 7*7 %> {{{{{{raw}}}}}}",
    "{{value.__class__}} {{0}} {{column}} %(row)s %s",
    "</style><style>*{{--inert:1;background:url({at})}}</style>",
    "@import url({at}); body{{background:url({at})}}",
    "<link rel=stylesheet href='{at}'><base href='{at}'>",
    "</title><script>{run}</script>",
    "<!-- --><!--><script>{run}</script>-->",
    "<meta http-equiv=refresh content='0;url={at}'>",
    "<iframe src='{at}'></iframe><iframe srcdoc=\"<script>parent.{run}</script>\"></iframe>",
    "<object data='{at}'></object><embed src='{at}'><form action='{at}'><button autofocus>x</form>",
    '=HYPERLINK("{at}","Bitte hier")',
    "=cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd|'/C calc'!A0",
    "+1+cmd|' /C calc'!A0",
    "-2+3+cmd|' /C calc'!A0",
    "{long}<script>{run}</script>",
    "\u202eexe.tpircs\u202c\u2066<script>{run}</script>\u200b\ufeff",
    "\x01\x07\x0b\x1b[31m\x85<script>{run}</script>\x7f\r\nBcc: x@weltoffen.example\r\n\r\n",
    "]]></text><script>{run}</script><![CDATA[ &lt;script&gt; &#60;script&#62; %3Cscript%3E",
)  # fmt: skip


def payloads(address: str) -> list[str]:
    """Returns the texts; each that loads anything loads it from its own path below ``address``."""
    return [
        template.format(run=_RUN, at=f"{address}/{number}", long="lang " * 20_000)
        for number, template in enumerate(_TEMPLATES)
    ]
