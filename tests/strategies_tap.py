"""Random valid specs, as text: correct in syntax, free in vocabulary, layout and comments."""

from hypothesis import strategies as st

RESERVED = {"import", "param", "when", "exclude", "tap"}

names = st.one_of(
    st.sampled_from(["in", "and", "or", "as", "or-2", "zh-Hans", "哲学", "हिन्दी", "_x", "count", "physics", "été"]),
    st.from_regex(r"[a-z_][a-z0-9_]{0,6}(-[a-z0-9]{1,3})?", fullmatch=True),
).filter(lambda name: name not in RESERVED)
strings = st.one_of(
    st.sampled_from(['"C++"', '""', '"a // b"', '"{ [ ( "', r'"\"q\" \n \u{1F600}"', '"時間, 空間"']),
    st.text(st.characters(codec="ascii", exclude_categories=["C"], exclude_characters='"\\'), max_size=70).map(
        lambda s: f'"{s}"'
    ),
)
numbers = st.sampled_from(
    [
        "40%",
        "3",
        "-1.5",
        "$25",
        "$0.40/M",
        "600/min",
        "30s",
        "20..600",
        "0.1..0.8",
        "-2..-1",
        "1_000",
        "10px",
        "$0.1/M..$2/M",
    ]
)
gap = st.sampled_from([" ", "  ", "\t"])
break_ = st.sampled_from(
    ["\n", "\n\n", "\n\n\n", "\r\n", ",", ", ", " ,\n", " // c\n", "\n// own\n", "\n  //// x\n", "\n\n// a\n// b\n\n"]
)
free = st.sampled_from(["", " ", "\n", " // in a list\n", "\n\n  "])


@st.composite
def paths(draw):
    first = draw(names)
    rest = draw(st.lists(st.one_of(names, strings), max_size=2))
    return ".".join([first, *rest])


@st.composite
def _bracketed(draw, items, opener, closer):
    inner = draw(st.lists(items, max_size=4))
    text = opener + draw(free)
    for i, item in enumerate(inner):
        text += item + draw(free)
        if i < len(inner) - 1 or draw(st.booleans()):
            text += "," + draw(free)
    return text + closer


@st.composite
def text_blocks(draw):
    indent = draw(st.sampled_from(["", "  ", "      ", "\t"]))
    lines = draw(
        st.lists(
            st.sampled_from(["hello {{ topic }}", "", "  deeper", "// no comment", '"quoted"', "{", "  "]), max_size=4
        )
    )
    return '"""\n' + "".join((indent + line if line else "") + "\n" for line in lines) + indent + '"""'


atoms = st.one_of(paths(), strings, numbers)
values = st.recursive(
    st.one_of(atoms, text_blocks(), st.builds("{} {}".format, st.sampled_from(["<", "<=", ">", ">="]), numbers)),
    lambda inner: st.one_of(
        _bracketed(inner, "[", "]"), st.builds(lambda n, a: n + a, names, _bracketed(inner, "(", ")"))
    ),
    max_leaves=4,
)


@st.composite
def conditions(draw):
    tests = draw(st.lists(tests_(), min_size=1, max_size=2))
    return " and ".join(tests)


@st.composite
def tests_(draw):
    axis = draw(st.one_of(paths(), strings))
    if draw(st.booleans()):
        return f"{axis} = {draw(atoms)}"
    return f"{axis} in {draw(st.one_of(paths(), strings, _bracketed(atoms, '[', ']')))}"


@st.composite
def _blocks(draw, statements):
    inner = draw(st.lists(statements, max_size=4))
    text = "{" + draw(st.sampled_from(["", " ", "\n", " // beside\n", "\n\n"]))
    for i, statement in enumerate(inner):
        text += statement
        if i < len(inner) - 1:
            text += draw(break_)
    return text + draw(st.sampled_from(["", " ", "\n", ",", " // last\n", "\n// end\n"])) + "}"


@st.composite
def _entries(draw, block):
    parts = [draw(st.one_of(names, strings, numbers)), *draw(st.lists(values, max_size=3))]
    text = draw(gap).join(parts)
    if draw(st.booleans()):
        text += draw(st.sampled_from([":", ": ", " : "])) + draw(st.one_of(strings, text_blocks()))
    if draw(st.integers(0, 5)) == 0:
        text += " = " + draw(paths())
    if block is not None and draw(st.booleans()):
        text += " " + draw(block)
    return _documented(draw, text)


def _documented(draw, text):
    docs = draw(
        st.sampled_from(["", "", "", "\n/// doc\n", "\n/// one\n///\n///   three\n", "\n/// a\n// between\n/// b\n"])
    )
    return docs + text


@st.composite
def _special(draw, block):
    kind = draw(st.sampled_from(["import", "param", "when", "exclude"]))
    if kind == "import":
        return f"import {draw(st.one_of(paths(), strings))}" + draw(st.sampled_from(["", " as x", " as as"]))
    if kind == "param":
        return f"param {draw(names)} = {draw(values)}"
    if kind == "when":
        return f"when {draw(conditions())} {draw(block)}"
    return f"exclude {draw(tests_())}" + draw(st.sampled_from(["", " when a = b"]))


leaves = _entries(None)
statements = st.recursive(
    leaves,
    lambda inner: st.one_of(_entries(_blocks(inner)), _special(_blocks(inner))),
    max_leaves=8,
)


@st.composite
def specs(draw):
    """A whole file in edition 1."""
    text = (
        draw(st.sampled_from(["", "\ufeff", "// first\n", "\n\n"]))
        + "tap 1"
        + draw(st.sampled_from(["\n", " // edition\n", ", "]))
    )
    for statement in draw(st.lists(statements, max_size=6)):
        text += statement + draw(break_)
    return text
