"""Reads YAML: as values, or as people write codes, where every scalar stays text."""

from __future__ import annotations

from typing import Any

import yaml

# libyaml reads the descriptions of all tables in a tenth of the time.
_ValueLoader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_BaseLoader: type[yaml.BaseLoader] = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


def load_values(content: str) -> Any:
    """Reads YAML with its own types.

    Args:
        content: the YAML.

    Returns:
        Mappings, lists and values.

    Raises:
        yaml.YAMLError: no YAML.
    """
    return yaml.load(content, Loader=_ValueLoader)  # noqa: S506 - a safe loader, whichever it is


def load_texts(content: str) -> Any:
    """Reads YAML whose scalars stay the text that stands there.

    YAML itself would turn the code ``N`` into false and the key 03241005 into another
    number.

    Args:
        content: the YAML.

    Returns:
        Mappings, lists and texts.

    Raises:
        yaml.YAMLError: no YAML, or a key given twice.
    """
    return yaml.load(content, Loader=_TextLoader)  # noqa: S506 - derives from BaseLoader, makes text only


class _TextLoader(_BaseLoader):  # type: ignore[misc, valid-type]
    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001, FBT002 - signature of the library
        """Makes a mapping whose keys are all different."""
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        repeated = sorted({str(key) for key in keys if keys.count(key) > 1})
        if repeated:
            raise yaml.constructor.ConstructorError(
                None, None, f"doppelt angegeben: {', '.join(repeated)}", node.start_mark
            )
        mapping: dict[Any, Any] = super().construct_mapping(node, deep=deep)
        return mapping
