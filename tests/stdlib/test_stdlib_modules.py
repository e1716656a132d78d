"""Every module of the standard library can be imported, and everything it declares can be used."""

import re
from fractions import Fraction
from pathlib import Path

import pytest

from tapc.frontend import compile_spec
from tapc.ir import LongPrice, Price
from tapc.source import DiskLoader, SourceFile, bundled_dir
from tapc.syntax import decode_source, parse
from tapc.syntax.nodes import Entry

STDLIB = bundled_dir("stdlib")
MODULES = sorted(
    path.relative_to(STDLIB).with_suffix("").as_posix().replace("/", ".") for path in STDLIB.rglob("*.tap")
)
PROMPTS = 'generate ask { using one, prompt "Ask." }'
ENDPOINTS = "\n".join(
    f'  endpoint {name} {{ model "sim-{name}", price free }}' for name in ("one", "two", "three", "four")
)

PIPELINES = {
    "std.pipelines.tap": "topic topic, writer one, answerers [two, three], referee four",
    "std.pipelines.ultrafeedback": "instruction ask, principle principle, pool [one, two, three, four], referee judge_model",
    "std.pipelines.pku_saferlhf": "request ask, answerers [two, three], referee four",
}
BEFORE = {
    "std.pipelines.tap": "taxonomy topic { physics, biology }",
    "std.pipelines.ultrafeedback": f"mix principle per candidate = lib.principles\n  {PROMPTS}\n"
    '  endpoint judge_model { model "sim-judge", price free }',
    "std.pipelines.pku_saferlhf": PROMPTS,
}
ENDS = {
    "std.pipelines.tap": ["choice"],
    "std.pipelines.ultrafeedback": ["choice"],
    "std.pipelines.pku_saferlhf": ["safer", "better"],
}


def declarations(module: str) -> list[tuple[str, str]]:
    path = STDLIB / (module.replace(".", "/") + ".tap")
    file, findings = decode_source(str(path), path.read_bytes())
    assert isinstance(file, SourceFile)
    assert not findings
    tree, findings = parse(file)
    assert not findings
    return [
        (one.keyword, str(getattr(one.values[0], "text", getattr(one.values[0], "name", ""))))
        for one in tree.statements
        if isinstance(one, Entry) and one.keyword is not None and one.values
    ]


def spec_for(module: str, kind: str, name: str) -> str:
    full = f"std.{module}"
    head = f"tap 1\nimport {full} as lib\ndataset d {{\n  samples 40\n"
    path = "lib" if name == module.rpartition(".")[2] else f"lib.{name}"
    judged = '  generate answer { using one, prompt "Answer {{ topic }}." }\n'
    if kind == "taxonomy":
        body = f"  taxonomy topic = {path}\n{ENDPOINTS.splitlines()[0]}\n{judged}  emit sft {{ from answer }}\n"
    elif kind == "mix" and name == "principles":
        kind, body = "pipeline", ""
    elif kind == "mix":
        axis = "language" if module == "languages" else "level"
        body = (
            f"  mix {axis} = {path}\n{ENDPOINTS.splitlines()[0]}\n"
            f'  generate answer {{ using one, prompt "Answer at {{{{ {axis} }}}}, {{{{ {axis}.name }}}}." }}\n  emit sft {{ from answer }}\n'
        )
    elif kind == "endpoint":
        body = f'  endpoint writer = {path}\n  generate answer {{ using writer, prompt "Answer." }}\n  emit sft {{ from answer }}\n'
        if name == "sim_reward":
            body = (
                f"  endpoint writer = lib.{name}\n{ENDPOINTS.splitlines()[0]}\n"
                '  generate answer { using one, prompt "Answer." }\n'
                "  score reward { of answer, using writer, kind reward }\n  emit reward { from reward }\n"
            )
    elif kind == "rubric":
        body = (
            f"{ENDPOINTS.splitlines()[0]}\n{ENDPOINTS.splitlines()[1]}\n"
            '  generate answer { using one, prompt "Answer." }\n'
            f"  judge verdict {{ of answer, using two, rubric {path} }}\n  emit records\n  emit reward {{ from verdict }}\n"
        )
    if kind == "pipeline":
        emits = "".join(f"  emit preference {one} {{ from {one} }}\n" for one in ENDS[full])
        body = f"  {BEFORE[full]}\n{ENDPOINTS}\n  pipeline lib {{ {PIPELINES[full]} }}\n{emits}"
    return head + body + "}\n"


EVERY = [(module, kind, name) for module in MODULES for kind, name in declarations(module)]


def test_the_library_is_there():
    assert {
        "difficulty", "endpoints", "languages", "pipelines.pku_saferlhf", "pipelines.tap", "pipelines.ultrafeedback",
        "prices", "rubrics.correctness", "rubrics.helpfulness", "rubrics.safety", "tasks", "taxonomies.cn_undergraduate",
        "taxonomies.ailuminate", "taxonomies.pku_severity",
        "taxonomies.cn_undergraduate_724", "taxonomies.isced_f", "taxonomies.llama_guard", "taxonomies.pku_harms",
    } == set(MODULES)  # fmt: skip
    assert all(declarations(module) for module in MODULES)


@pytest.mark.parametrize(("module", "kind", "name"), EVERY, ids=lambda value: value)
def test_every_declaration_can_be_used(module: str, kind: str, name: str, tmp_path: Path):
    spec = tmp_path / "spec.tap"
    spec.write_text(spec_for(module, kind, name), encoding="utf-8")
    done = compile_spec(spec, DiskLoader())
    assert [d for d in done.diagnostics if d.severity == "error"] == [], spec.read_text(encoding="utf-8")
    assert done.dataset is not None


def test_prices_apply_by_exact_name(tmp_path: Path):
    def price_of(model: str):
        spec = tmp_path / "spec.tap"
        spec.write_text(
            f'tap 1\ndataset d {{\n  samples 1\n  endpoint e {{ model "{model}", url "http://localhost:8000/v1" }}\n'
            '  generate a { using e, prompt "x" }\n  emit sft { from a }\n}\n'
        )
        done = compile_spec(spec, DiskLoader())
        assert done.dataset is not None
        return done.dataset.endpoints[0].price

    assert price_of("gpt-4.1-mini") == Price(input=400_000, cached_input=100_000, output=1_600_000)
    assert price_of("gpt-4.1-minor") is None
    half = Fraction(1, 2)
    assert price_of("gpt-6-sol") == Price(
        input=2_000_000,
        cached_input=200_000,
        cache_write=2_500_000,
        output=10_000_000,
        long=(
            LongPrice(above=272_000, input=4_000_000, cached_input=400_000, cache_write=5_000_000, output=15_000_000),
        ),
        flex=half,
        batch=half,
    )


def test_every_price_has_its_source_and_day():
    text = (bundled_dir("stdlib") / "prices.tap").read_text(encoding="utf-8")
    head, *entries = text.split("\n\n//")[1:]
    assert re.search(r"genai-prices\n// \d+\.\d+\.\d+", head)
    assert re.search(r"on 20\d\d-\d\d-\d\d", head)
    assert len(entries) >= 38
    for entry in entries:
        assert re.match(r" https://\S+(, 20\d\d-\d\d-\d\d)?\nendpoint \w+ \{\n  model ", entry), entry[:200]


def test_sizes_of_the_taxonomies_are_those_of_their_sources(tmp_path: Path):
    sizes = {
        "cn_undergraduate": (12, 93, 816),
        "cn_undergraduate_724": (12, 93, 724),
        "isced_f": (11, 29, 80),
        "pku_harms": (19,),
        "llama_guard": (14,),
        "ailuminate": (3, 12),
    }
    for name, expected in sizes.items():
        spec = tmp_path / f"{name}.tap"
        spec.write_text(spec_for(f"taxonomies.{name}", "taxonomy", name), encoding="utf-8")
        dataset = compile_spec(spec, DiskLoader()).dataset
        assert dataset is not None
        assert dataset.space.taxonomy is not None
        level, found = list(dataset.space.taxonomy.children), []
        while level:
            found.append(len(level))
            level = [child for node in level for child in node.children]
        assert tuple(found) == expected, name
