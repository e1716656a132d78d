"""Reads YAML safely: no tags that construct objects, no aliases, bounded size and depth."""

from collections.abc import Iterator
from typing import Any, cast

import yaml

from tapc.importing.model import MAX_DEPTH, MAX_NODES, Refusal

MAX_BYTES = 8 * 1024 * 1024


def read_yaml(data: bytes, where: str) -> Any:
    """The document as plain objects.

    Raises:
        Refusal: the document is too large, too deep, has aliases (a few of them can expand to terabytes), or is not
            YAML.
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
                raise Refusal("TAP721", f"{where}: contains an alias (`*name`)", "write the value instead of the alias")
            if isinstance(event, yaml.CollectionStartEvent):
                depth += 1
            elif isinstance(event, yaml.CollectionEndEvent):
                depth -= 1
            if depth > 2 * MAX_DEPTH + 4 or count > 4 * MAX_NODES:
                raise Refusal("TAP721", f"{where}: too deep or too large", "flatten the tree, or split the file")
        return _constructed(text, where)
    except UnicodeDecodeError:
        raise Refusal("TAP720", f"{where}: not UTF-8", "save the file as UTF-8") from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        told = " ".join(str(error).split())[:200]
        raise Refusal("TAP720", f"{where}: not YAML: {told}", "correct the file") from None


def _constructed(text: str, where: str) -> Any:
    """The document; a repeated key of a mapping, of which the library silently keeps the last value, is an error."""
    loader = yaml.SafeLoader(text)
    try:
        root: Any = loader.get_single_node()  # pyright: ignore[reportUnknownMemberType] - its stub says nothing
        pending: list[Any] = [root]
        while pending:
            node = pending.pop()
            if isinstance(node, yaml.MappingNode):
                pairs = cast("list[tuple[yaml.Node, yaml.Node]]", node.value)
                _once(pairs, where)
                pending.extend(value for _, value in pairs)
            elif isinstance(node, yaml.SequenceNode):
                pending.extend(cast("list[yaml.Node]", node.value))
        return None if root is None else cast("Any", loader).construct_document(root)
    finally:
        cast("Any", loader).dispose()


def _once(pairs: list[tuple[yaml.Node, yaml.Node]], where: str) -> None:
    seen: dict[tuple[str, str], int] = {}
    for key, _ in pairs:
        if not isinstance(key, yaml.ScalarNode):
            continue
        named = (key.tag, str(key.value))
        line = int(key.start_mark.line) + 1
        if named in seen:
            message = f"{where}: the key `{named[1][:80]}` is in line {seen[named]} and in line {line} of one mapping"
            raise Refusal("TAP723", message, "give siblings different names in the source")
        seen[named] = line
