"""Reads YAML that people write: every scalar stays text, and no key may stand twice."""

from __future__ import annotations

from typing import Any

import yaml


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


class _TextLoader(yaml.BaseLoader):
    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001, FBT002 - signature of the library
        """Makes a mapping whose keys are all different."""
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        repeated = sorted({str(key) for key in keys if keys.count(key) > 1})
        if repeated:
            raise yaml.constructor.ConstructorError(
                None, None, f"doppelt angegeben: {', '.join(repeated)}", node.start_mark
            )
        return super().construct_mapping(node, deep=deep)
