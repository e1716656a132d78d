"""YAML, read without its dangers: no tags that make objects, no aliases, bounded size and depth."""

from collections.abc import Iterator
from typing import Any, cast

import yaml

from tapc.importing.model import MAX_DEPTH, MAX_NODES, Refusal

MAX_BYTES = 8 * 1024 * 1024


def read_yaml(data: bytes, where: str) -> Any:
    """The document as plain objects.

    Raises:
        Refusal: too large, too deep, with aliases (a few of them can stand for terabytes), or not YAML.
    """
    if len(data) > MAX_BYTES:
        raise Refusal(
            "TAP720", f"{where}: more than {MAX_BYTES // 2**20} MB of YAML", "use JSON or CSV for large trees"
        )
    depth = count = 0
    try:
        text = data.decode("utf-8-sig")
        events = cast("Iterator[yaml.Event]", yaml.parse(text, Loader=yaml.SafeLoader))  # pyright: ignore[reportUnknownMemberType] - its stub says nothing
        for event in events:
            count += 1
            if isinstance(event, yaml.AliasEvent):
                raise Refusal("TAP721", f"{where}: holds an alias (`*name`)", "write out what it stands for")
            if isinstance(event, yaml.CollectionStartEvent):
                depth += 1
            elif isinstance(event, yaml.CollectionEndEvent):
                depth -= 1
            if depth > 2 * MAX_DEPTH + 4 or count > 4 * MAX_NODES:
                raise Refusal("TAP721", f"{where}: too deep or too large", "flatten the tree, or split the file")
        return yaml.safe_load(text)
    except UnicodeDecodeError:
        raise Refusal("TAP720", f"{where}: not UTF-8", "save the file as UTF-8") from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        told = " ".join(str(error).split())[:200]
        raise Refusal("TAP720", f"{where}: not YAML: {told}", "correct the file") from None
