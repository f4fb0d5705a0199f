"""Makes a page inert: written again from an allow-list, without scripts and outside hosts.

The pages of Great Expectations escape neither cells nor column names and load styles and
scripts from six hosts. Nothing of a page is trusted: only known elements and attributes
are written again, every text is escaped, and a policy in its head forbids the rest.
"""

from __future__ import annotations

import base64
import hashlib
import re
from html import escape
from html.parser import HTMLParser

_STYLE = (
    "body{font-family:sans-serif;margin:1.5rem;max-width:75rem}"
    "table{border-collapse:collapse;margin:.5rem 0}"
    "td,th{border:1px solid #bbb;padding:.25rem .5rem;text-align:left;vertical-align:top}"
    ".fa-check-circle::before{content:'\\2713'}.fa-times::before{content:'\\2717'}"
    ".fa-exclamation-triangle::before{content:'!'}"
)
_DIGEST = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
POLICY = f"default-src 'none'; style-src 'sha256-{_DIGEST}'; base-uri 'none'; form-action 'none'"
"""Nothing is loaded and nothing runs; our own style is known by its hash."""

_WRITTEN = frozenset(
    [
        "a",
        "b",
        "body",
        "br",
        "code",
        "div",
        "em",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "hr",
        "i",
        "li",
        "nav",
        "ol",
        "p",
        "pre",
        "small",
        "span",
        "strong",
        "table",
        "tbody",
        "td",
        "th",
        "thead",
        "tr",
        "ul",
    ]
)
_EMPTY = frozenset({"br", "hr"})
_LEFT_OUT = frozenset(
    [
        "button",
        "footer",
        "form",
        "iframe",
        "noscript",
        "object",
        "script",
        "select",
        "style",
        "svg",
        "template",
        "textarea",
    ]
)
_VALUES = {
    "class": r"[\w -]{1,300}",
    "id": r"[\w.-]{1,200}",
    "href": r"#[\w.-]{0,200}|[\w.-]+(?:/[\w.-]+)*",
    "colspan": r"\d{1,3}",
    "rowspan": r"\d{1,3}",
}


def page(title: str, body: str) -> str:
    """Returns a whole page.

    Args:
        title: its title, as text.
        body: its content, as HTML that is inert already.
    """
    return (
        "<!DOCTYPE html>\n<html>\n<head>\n"
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        f'<meta charset="utf-8">\n<title>{escape(title)}</title>\n<style>{_STYLE}</style>\n'
        f"</head>\n<body>\n{body}\n</body>\n</html>\n"
    )


def inert(title: str, source: str) -> str:
    """Writes a page again from what is known to be harmless.

    Args:
        title: title of the new page, as text.
        source: the page as it was made.
    """
    writer = _Writer()
    writer.feed(source)
    writer.close()
    return page(title, "".join(writer.parts))


class _Writer(HTMLParser):
    """Collects the allowed part of a page's body."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._in_body = False
        self._left_out: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Writes an allowed element with its allowed attributes."""
        if tag == "body":
            self._in_body = True
        elif tag in _LEFT_OUT:
            self._left_out.append(tag)
        elif self._writes(tag):
            kept = "".join(
                f' {name}="{escape(value)}"'
                for name, value in attrs
                if value and name in _VALUES and re.fullmatch(_VALUES[name], value, re.ASCII)
            )
            self.parts.append(f"<{tag}{kept}>")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Writes an element that closes itself."""
        if tag not in _LEFT_OUT:
            self.handle_starttag(tag, attrs)
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        """Closes an allowed element, or the part that is left out."""
        if self._left_out:
            if tag == self._left_out[-1]:
                self._left_out.pop()
        elif tag not in _EMPTY and self._writes(tag):
            self.parts.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        """Writes a text, escaped."""
        if self._in_body and not self._left_out:
            self.parts.append(escape(data))

    def _writes(self, tag: str) -> bool:
        return self._in_body and not self._left_out and tag in _WRITTEN and tag != "body"
