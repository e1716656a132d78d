"""`README.md` of a dataset: what a hub shows and a reader needs to know."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Mapping

from tapc.ir import Dataset
from tapc.kinds.runtime import EmitRuntime
from tapc.outputs.balance import balance_lines
from tapc.outputs.labels import label_lines
from tapc.outputs.manifest import Manifest
from tapc.outputs.markdown import code_block, quoted, table
from tapc.outside.visible import markdown_line
from tapc.rows.columns import features

_SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"))
_ROWS_SHOWN = 60


def render_card(dataset: Dataset, manifest: Manifest, kinds: Mapping[str, EmitRuntime]) -> str:
    """The whole card: YAML header, then tables of what was really made.

    Everything in it comes from the spec and the manifest; it names no time and no machine.
    """
    title = dataset.card.title or dataset.name.replace("_", " ")
    lines = ["---", *_header(dataset, manifest, kinds), "---", "", f"# {markdown_line(title)}", ""]
    if dataset.card.summary:
        lines += [markdown_line(dataset.card.summary), ""]
    if manifest.simulated:
        lines += [
            "> **Simulated.** Some or all texts were made by tapc's simulated endpoint, not by a language model.",
            "> They exercise the pipeline and are of no use for training.",
            "",
        ]
    samples = manifest.samples
    lines += [f"{samples.accepted:,} samples of {samples.planned:,} planned, {samples.short:,} short.", ""]
    lines += _files(manifest)
    lines += _empty(manifest)
    for axis, counts in manifest.counts.items():
        shown = list(counts.items())
        if len(shown) > _ROWS_SHOWN:
            shown.sort(key=lambda item: (-item[1], item[0]))
        lines += [f"## {markdown_line(axis)}", ""]
        lines += table([axis, "samples"], [[name, f"{n:,}"] for name, n in shown[:_ROWS_SHOWN]], right=(1,))
        if len(shown) > _ROWS_SHOWN:
            lines += ["", f"{len(shown) - _ROWS_SHOWN:,} more in `manifest.json`."]
        lines.append("")
    lines += balance_lines(manifest.balance)
    lines += label_lines(manifest.labels)
    lines += _models(dataset, manifest)
    lines += _about(dataset)
    lines += [
        f"Made with tapc {manifest.versions['tapc']} from the plan `{manifest.plan_digest}`;",
        "`manifest.json` has the details and the hashes of all files.",
        "",
    ]
    return "\n".join(lines)


def _header(dataset: Dataset, manifest: Manifest, kinds: Mapping[str, EmitRuntime]) -> list[str]:
    card = dataset.card
    lines = [f"pretty_name: {quoted(card.title or dataset.name)}"]
    if card.licence:
        lines.append(f"license: {quoted(card.licence)}")
    tags = sorted({v.language.tag for m in dataset.space.mixes if m.name == "language" for v in m.values if v.language})
    if tags:
        lines.append(f"language: {quoted(sorted({tag.split('-')[0] for tag in tags}))}")
        lines.append(f"language_bcp47: {quoted(tags)}")
    rows = sum(entry.rows for entry in manifest.files)
    size = next((name for limit, name in _SIZES if rows < limit), "n>1M")
    lines.append(f"size_categories: {quoted([size])}")
    extra = ["simulated"] if manifest.simulated else []
    lines.append(f"tags: {quoted(['synthetic', 'tapc', *extra, *card.tags])}")
    lines += _configs(dataset, manifest, kinds)
    return lines


def _configs(dataset: Dataset, manifest: Manifest, kinds: Mapping[str, EmitRuntime]) -> list[str]:
    """Configs with rows, each split with its files and the types of its columns.

    A config without rows is left out, since readers fail on it. Readers such as `datasets` keep what they have read,
    and look only at this list, not at the files, to tell whether it still holds: so each config has a digest of its
    rows in its description.
    """
    found: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for entry in manifest.files:
        _, config, name = entry.path.split("/")
        found[config][name.rsplit("-", 3)[0]].append(entry.path)
    if not found:
        return []
    emits = {emit.name: emit for emit in dataset.emits}
    # people train on any config before they look at everything, or at what was rejected
    default = min(found, key=lambda config: (kinds[emits[config].kind].place, config))
    lines = ["configs:"]
    for config in sorted(found):
        lines += [f"- config_name: {quoted(config)}"]
        lines += ["  default: true"] if config == default else []
        lines += [f"  description: {quoted(f'rows {_digest(config, manifest)}')}", "  data_files:"]
        for split, paths in found[config].items():
            lines += [f"  - split: {quoted(split)}", f"    path: {quoted(paths)}"]
    lines += ["dataset_info:"]
    for config in sorted(found):
        emit = emits[config]
        columns = kinds[emit.kind].columns(dataset, emit)
        lines += [f"- config_name: {quoted(config)}", "  features:"]
        lines += [f"  - {quoted(feature)}" for feature in features(columns)]
    return lines


def _digest(config: str, manifest: Manifest) -> str:
    """Digest of the rows of a config, whatever files they are in."""
    parts = [f"{place} {digest}" for place, digest in sorted(manifest.rows_digest.items())]
    mine = [part for part in parts if part.startswith(f"{config}/")]
    return hashlib.blake2b("\n".join(mine).encode(), digest_size=16).hexdigest()


def _files(manifest: Manifest) -> list[str]:
    rows = [[entry.path, f"{entry.rows:,}"] for entry in manifest.files]
    return [*table(["file", "rows"], rows, right=(1,)), ""] if rows else ["No rows were made.", ""]


def _empty(manifest: Manifest) -> list[str]:
    """Configs that the spec asks for and that have no row."""
    named = ", ".join(f"`{name}`" for name in manifest.empty)
    return [f"> Without a row: {named}.", ""] if named else []


def _about(dataset: Dataset) -> list[str]:
    """Who made it, where it lives, and the spec's own `meta`, as the spec has them."""
    card = dataset.card
    lines = [f"- {markdown_line(author)}" for author in card.authors]
    lines = ["## Authors", "", *lines, ""] if lines else []
    if card.homepage:
        lines += ["## Homepage", "", markdown_line(card.homepage), ""]
    if dataset.meta != "{}":
        lines += ["## Meta", "", *code_block(json.dumps(json.loads(dataset.meta), indent=2, ensure_ascii=False)), ""]
    return lines


def _models(dataset: Dataset, manifest: Manifest) -> list[str]:
    rows = [
        [
            m.endpoint,
            m.model,
            m.returned,
            f"{m.replies:,}",
            f"{m.input_tokens:,}",
            f"{m.output_tokens:,}",
            f"${m.usd:,.4f}",
        ]
        for m in manifest.models
    ]
    head = ["endpoint", "model", "answered as", "replies", "input tokens", "output tokens", "cost"]
    lines = ["## Models", "", *table(head, rows, right=(3, 4, 5, 6)), ""]
    terms = [[e.name, e.terms] for e in dataset.endpoints if e.terms]
    if terms:
        lines += [*table(["endpoint", "terms of its outputs"], terms), ""]
    if manifest.simulated:
        lines += ["Costs of simulated endpoints are at the prices the spec states; nothing was billed.", ""]
    return lines
