"""Checks that look at one candidate."""

from fractions import Fraction

import pytest

from tapc.checks import CheckTools, Subject
from tapc.checks.words import count_words
from tapc.ir import Check
from tapc.kinds.checks.clean_of.spec import CleanOf
from tapc.kinds.checks.length.spec import Length
from tapc.kinds.checks.score.spec import ScoreBound
from tapc.kinds.compiling import compile_check
from tapc.sim.banks import bank, languages

F = Fraction


def run(check, text, *, fields=None, axes=None, tools=None, **scores):
    compiled = compile_check(check, tools or CheckTools())
    return compiled.check(Subject(text, fields, axes or {}, lambda name: scores.get(name.replace(".", "_"))))


def length(low=None, high=None, unit="chars", **fields):
    return Length(
        check="length",
        minimum=None if low is None else F(low),
        maximum=None if high is None else F(high),
        unit=unit,
        **fields,
    )


@pytest.mark.parametrize(
    ("check", "text", "fits"),
    [
        (length(3, 5), "abc", True),
        (length(3, 5), "ab", False),
        (length(3, 5), "abcdef", False),
        (length(3, 5), "光合作用", True),
        (length(3, exclusive=("minimum",)), "abc", False),
        (length(None, 3, exclusive=("maximum",)), "abc", False),
        (length(2, 3, "words"), "one two", True),
        (length(2, 3, "words"), "one  two\nthree four", False),
        (length(2, 4, "words"), "光合作用", True),
        (length(3, 4, "words"), "光合作用 in leaves", True),
        (length(None, 10, "tokens"), "one two three", True),
        (length(None, 2, "tokens"), "one two three", False),
        (length(20, None, "tokens"), "one two three", False),
    ],
)
def test_length(check, text, fits):
    assert (run(check, text) is None) == fits


def test_tokens_are_bounded_by_words_and_by_bytes():
    """A text fails only where no tokenizer could bring it inside: one token for each word, or for each byte."""
    han, english = "光合作用", "light turns into sugar"
    assert len(han.encode()) == 12
    assert run(length(12, None, unit="tokens"), han) is None
    assert run(length(13, None, unit="tokens"), han) is not None
    assert run(length(None, 2, unit="tokens"), han) is None, "two words, by two letters each"
    assert run(length(None, 1, unit="tokens"), han) is not None
    assert run(length(22, None, unit="tokens"), english) is None
    assert run(length(23, None, unit="tokens"), english) is not None
    assert run(length(None, 4, unit="tokens"), english) is None
    assert run(length(None, 3, unit="tokens"), english) is not None
    assert run(length(4, None), han) is None, "characters are code points"
    assert run(length(5, None), han) is not None


def test_words_of_writing_systems():
    assert count_words("") == 0
    assert count_words("naïve café") == 2
    assert count_words("光合作用。") == 2
    assert count_words("ภาษา") >= 1


def test_patterns_search_anchor_negate_and_end():
    assert run(Check(check="matches", pattern=r"\d+"), "a 1") is None
    assert run(Check(check="matches", pattern=r"^\d+$"), "a 1")
    assert run(Check(check="matches", pattern=r"as an AI", negated=True), "well, as an AI model")
    assert run(Check(check="matches", pattern=r"\p{Han}", negated=True), "no Han here") is None
    assert "more than" in run(Check(check="matches", pattern=r"(a|aa)+$"), "a" * 80 + "b")


def test_json():
    assert run(Check(check="json"), ' {"a": [1]} ') is None
    assert run(Check(check="json"), "```json\n{}\n```")
    assert run(Check(check="json"), "{}", fields={}) is None
    assert run(Check(check="json", field="code"), "{}", fields={"code": "{"})
    assert "deep" in run(Check(check="json"), "[" * 200_000)
    assert run(Check(check="json"), '"\ud800"')


def bound(low=None, high=None, field="v.quality", **fields):
    return ScoreBound(
        check="score",
        field=field,
        minimum=None if low is None else F(low),
        maximum=None if high is None else F(high),
        **fields,
    )


def test_scores_are_bounded_exactly():
    assert run(bound(4), "", v_quality=F(4)) is None
    assert run(bound(4), "", v_quality=F(4) - F(1, 10**12))
    assert run(bound(4, exclusive=("minimum",)), "", v_quality=F(4))
    assert run(bound(None, 2), "", v_quality=F(3))
    assert run(bound(None, 2), "", v_quality=F(2)) is None
    assert run(bound(None, 2), "", v_quality=F(2) + F(1, 10**12))
    assert run(bound(None, 2, exclusive=("maximum",)), "", v_quality=F(2))
    assert run(bound(None, 2, exclusive=("maximum",)), "", v_quality=F(2) - F(1, 10**12)) is None
    assert run(bound(4, exclusive=("minimum",)), "", v_quality=F(4) + F(1, 10**12)) is None
    assert run(bound(1), "", v_quality=True) is None
    assert run(bound(1), "", v_quality=False)
    assert "missing" in run(bound(1), "", v_quality=None)
    assert "no number" in run(bound(1), "", v_quality="x")


REFUSALS = [
    "I'm sorry, but I can't help with that request.",
    "I’m sorry, but I cannot assist with that.",
    "As an AI language model, I cannot provide medical advice.",
    "Es tut mir leid, aber ich kann dir dabei nicht helfen.",
    "Het spijt me, maar ik kan dat niet doen.",
    "Je suis désolé, mais je ne peux pas répondre à cette demande.",
    "Lo siento, pero no puedo ayudarte con eso.",
    "Desculpe, mas não posso ajudar com isso.",
    "Mi dispiace, ma non posso aiutarti.",
    "Извините, но я не могу помочь с этим запросом.",
    "Przykro mi, ale nie mogę w tym pomóc.",
    "Je mi líto, ale nemohu vám s tím pomoci.",
    "Λυπάμαι, αλλά δεν μπορώ να βοηθήσω με αυτό.",
    "Üzgünüm, ama bu konuda yardımcı olamam.",
    "抱歉，我无法回答这个问题。",
    "對不起，我不能協助這個請求。",
    "申し訳ありませんが、そのご質問にはお答えできません。",
    "죄송하지만 그 요청은 도와드릴 수 없습니다.",
    "عذراً، لا أستطيع مساعدتك في ذلك.",
    "متأسفم، نمی‌توانم در این مورد کمک کنم.",
    "معذرت، میں اس میں مدد نہیں کر سکتا۔",
    "מצטער, אני לא יכול לעזור בזה.",
    "क्षमा करें, मैं इस अनुरोध में मदद नहीं कर सकता।",
    "দুঃখিত, আমি এই বিষয়ে সাহায্য করতে পারব না।",
    "ขออภัย ฉันไม่สามารถช่วยเรื่องนี้ได้",
    "Xin lỗi, tôi không thể giúp bạn việc này.",
    "Maaf, saya tidak dapat membantu permintaan itu.",
    "Samahani, siwezi kusaidia na ombi hilo.",
    "Lamento, não posso responder a essa pergunta.",
    "Leider kann ich Ihnen bei dieser Anfrage nicht weiterhelfen.",
    "Atsiprašau. Šio prašymo įvykdyti negaliu.",
    "ვწუხვარ, მაგრამ ამ საკითხში ვერ დაგეხმარებით.",
    "很遗憾，作为一个人工智能助手，我无法讨论这个话题。",
]


@pytest.mark.parametrize("tag", languages())
def test_the_simulated_endpoints_refusals_are_found_in_each_of_its_languages(tag):
    assert run(Check(check="no_refusal"), bank(tag).refuse)


@pytest.mark.parametrize("text", REFUSALS)
def test_refusals_in_many_languages(text):
    assert run(Check(check="no_refusal"), text + " Is there something else?")


@pytest.mark.parametrize(
    "text",
    [
        "I can't help but admire how light scatters in the air.",
        "The doctor said: I cannot find the cause.",
        "Water boils at 100 degrees. " * 30 + "I'm sorry, but I can't help with that.",
        "我们不能看到空气，但是可以感觉到风。",
        "Maji huchemka kwa nyuzi mia moja.",
        "Je ne peux pas voir l'air, mais je sens le vent.",
        "К сожалению, многие растения не могут жить без света.",
        "Nažalost, biljke ne mogu rasti bez svjetla.",
        "很遗憾，我们不能直接看到原子，但可以测量它们。",
        "Leider ist das nicht immer so: ich kann zwei Kräfte addieren, aber nicht ihre Beträge.",
        "სამწუხაროდ, მცენარეები სინათლის გარეშე ვერ იზრდებიან.",
        "残念ながら、原子を直接見ることはできません。",
        "",
    ],
)
def test_answers_are_no_refusals(text):
    assert run(Check(check="no_refusal"), text) is None


class Benchmarks:
    def __init__(self, **files):
        self.files = files

    def texts(self, glob):
        assert glob == "bench/*.jsonl"
        return sorted(self.files.items())


def clean(text, ngram=None):
    files = Benchmarks(
        gsm=["Natalia sold clips to 48 of her friends in April, and then she sold half as many clips in May."],
        short=["Who wrote Hamlet?", "Yes"],
        zh=["光合作用是植物利用光能把水和二氧化碳变成糖并放出氧气的过程"],
    )
    return run(CleanOf(check="clean_of", pattern="bench/*.jsonl", ngram=ngram), text, tools=CheckTools(texts=files))


def test_refusals_are_found_however_apostrophes_and_letters_are_written():
    for text in ("I can't help with that.", "I can’t help with that.", "I CAN’T HELP WITH THAT."):
        assert run(Check(check="no_refusal"), text) is not None, text


def test_contamination_is_found_by_file():
    assert "gsm" in clean("Then natalia SOLD clips, to 48 of her friends in June.")
    assert clean("Natalia sold clips to 48 people in April and then half as many clips in May.") is None
    assert clean("Natalia sold clips to 48 people in April.", ngram=5)
    assert "short" in clean("who wrote hamlet")
    assert clean("Who wrote Hamlet, and when was it first played?") is None
    assert clean("yes") is None
    assert "zh" in clean("请说明：光合作用是植物利用光能把水和二氧化碳变成什么？")
    assert clean("光合作用是什么？请用一句话说明它对我们的意义以及过程") is None


BENCHMARK = "alpha bravo charlie delta echo foxtrot golf hotel india juliet"
"""Ten words; every run of them is another one."""


@pytest.mark.parametrize("ngram", [4, None])
def test_contamination_at_the_edges(ngram):
    """Every run of `ngram` words counts, the first and the last of either text too, and none that is a word shorter."""
    words, size = BENCHMARK.split(), ngram or 8
    check = compile_check(
        CleanOf(check="clean_of", pattern="bench/*.jsonl", ngram=ngram),
        CheckTools(texts=Benchmarks(a=["one two three four five six seven eight nine"], b=["x y", BENCHMARK])),
    )

    def found(text):
        return check.check(Subject(text, None, {}))

    for start in range(len(words) - size + 1):
        run_of = " ".join(words[start : start + size])
        for text in (run_of, f"zulu {run_of}", f"{run_of} zulu", f"zulu zulu {run_of} zulu"):
            assert found(text) == f"b has {run_of!r}, too"
    for start in range(len(words) - size + 2):
        less = " ".join(words[start : start + size - 1])
        assert found(less) is None
        assert found(f"zulu {less} zulu") is None
    assert found("two three four five six seven eight nine").startswith("a has ")
    assert found("x y") is None, "two words are in every text"


def test_contamination_of_short_texts_and_of_writing_without_spaces():
    tools = CheckTools(texts=Benchmarks(a=["Who wrote Hamlet?"], b=["光合作用是植物利用光能"]))
    check = compile_check(CleanOf(check="clean_of", pattern="bench/*.jsonl", ngram=4), tools)
    for text, wanted in (
        ("Who wrote Hamlet?", "a"),
        ("Who wrote Hamlet? Tell me.", None),
        ("利用光能", None),
        ("植物利用光能", None),
        ("是植物利用光能", None),
        ("用是植物利用光能", "b"),
        ("光合作用是植物利", "b"),
        ("光合作用是植物", None),
    ):
        said = check.check(Subject(text, None, {}))
        assert (said or "").partition(" has ")[0] == (wanted or ""), text


def test_contamination_of_a_field():
    tools = CheckTools(texts=Benchmarks(a=["Who wrote Hamlet?"]))
    check = compile_check(CleanOf(check="clean_of", pattern="bench/*.jsonl", field="q"), tools)
    assert check.check(Subject("{}", {"q": "Who wrote Hamlet?", "r": "x"}, {})) is not None
    assert check.check(Subject("Who wrote Hamlet?", {"q": "Who else?", "r": "Who wrote Hamlet?"}, {})) is None


def test_fields_of_structures():
    fields = {"a": {"b": "inner"}, "list": ["x", {"y": "z"}], "n": 7, "t": True}
    subject = Subject("raw", fields, {})
    assert subject.text(None) == "inner\nx\nz"
    assert subject.text("a.b") == "inner"
    assert subject.text("list") == "x\nz"
    assert subject.text("n") == "7"
    assert subject.text("t") == "true"
    assert subject.text("none.b") == ""
    assert Subject("raw", None, {}).text("a") == "raw"
