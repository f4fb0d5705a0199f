"""The script that draws: Vega, Vega-Lite and Vega-Embed in one file, with their licence."""

from __future__ import annotations

from functools import cache
from importlib.metadata import distribution

import vl_convert

_NOTICE = """\
Vega {vega}, Vega-Lite {vega_lite} and Vega-Embed {embed}
Copyright (c) Trifacta Inc., University of Washington Interactive Data Lab and contributors,
under the BSD 3-Clause License below. With D3 and TopoJSON, Copyright (c) Mike Bostock, under the
ISC License, and smaller libraries under the MIT License. Bundled by VlConvert:

{licence}"""


@cache
def vega() -> str:
    """Returns the classic script that defines ``vegaEmbed``; nothing in it loads anything."""
    notice = _NOTICE.format(
        vega=vl_convert.get_vega_version(),
        vega_lite=vl_convert.get_vegalite_versions()[-1],
        embed=vl_convert.get_vega_embed_version(),
        licence=distribution("vl-convert-python").read_text("licenses/LICENSE") or "",
    )
    bundle = vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;")
    return f"/*!\n{notice.strip()}\n*/\n{bundle}"
