"""The language check over a table of texts, short and long, right and wrong."""

import sys
import tomllib
from pathlib import Path

import pytest

from tapc.checks import CheckTools, Subject
from tapc.kinds.checks.language.program import expected_language, wrong_language
from tapc.kinds.checks.language.spec import Language
from tapc.kinds.compiling import compile_check

BENCH = Path(__file__).parents[2] / "bench"
sys.path.append(str(BENCH))
import langid  # noqa: E402 - a benchmark, which is no part of the package

TABLE = tomllib.loads((BENCH / "langid_texts.toml").read_text(encoding="utf-8"))
KINDS = {"short": 0, "long": 1}


def test_the_table_is_large_enough():
    assert len(TABLE) >= 70
    assert all(len(long) > len(short) for short, long in TABLE.values())


@pytest.mark.parametrize("kind", KINDS)
def test_every_right_text_passes(kind):
    assert {tag: reason for tag, texts in TABLE.items() if (reason := wrong_language(texts[KINDS[kind]], tag))} == {}


def far(tag, other):
    return not expected_language(tag).accepted & expected_language(other).accepted


def test_every_long_wrong_text_is_turned_down_but_for_standards_of_one_language():
    passed = {
        (tag, other)
        for tag in TABLE
        for other in TABLE
        if tag != other and wrong_language(TABLE[other][1], tag) is None
    }
    assert passed == {("hr", "sr-Latn"), ("sr-Latn", "hr"), ("id", "ms"), ("ms", "id")}


def test_short_wrong_texts_pass_between_neighbors_only():
    pairs = [(tag, other) for tag in TABLE for other in TABLE if tag != other and far(tag, other)]
    passed = [(tag, other) for tag, other in pairs if wrong_language(TABLE[other][0], tag) is None]
    assert len(passed) <= 0.005 * len(pairs)
    scripts = {(expected_language(tag).script.name, expected_language(other).script.name) for tag, other in passed}
    assert all(own == other for own, other in scripts)


def test_single_sentences_are_told_apart_from_neighbors():
    given = langid.sentences(12)
    assert len({tag for tag, _ in given}) >= 75
    lost, passed, tried = langid.mistaken(given)
    assert len(lost) <= 0.008 * len(given)
    assert passed.total() <= 0.008 * tried
    for pair in (("es", "pt-BR"), ("hi", "mr"), ("hi", "ne"), ("da", "nb"), ("cs", "sk"), ("ru", "uk"), ("nl", "af")):
        own = sum(tag == pair[0] for tag, _ in given)
        assert passed[pair] <= own / 4, pair


@pytest.mark.parametrize(
    ("tag", "text"),
    [
        ("hi", "प्रकाश संश्लेषण (photosynthesis) में पौधे chlorophyll की मदद से सूर्य के प्रकाश को ऊर्जा में बदलते हैं।"),
        (
            "zh-Hans",
            "光合作用（photosynthesis）是植物利用叶绿素（chlorophyll）吸收光能的过程，公式为 $6CO_2 + 6H_2O$。",
        ),
        (
            "ja",
            "PythonでFizzBuzzを書くには、次のようにします。\n```python\nfor number in range(100):\n    print('a long line of English words')\n```",
        ),
        ("sw", "Tazama https://example.org/why-is-the-sky-blue kwa maelezo zaidi kuhusu anga na nuru ya jua."),
        ("ko", "DNA는 유전 정보를 담고 있는 분자이며, RNA를 거쳐 단백질로 번역됩니다."),
        ("ru", "Функция `def compute_average(values)` возвращает среднее значение списка."),
        ("en", "The word 道 (dao) means way; the poem begins 道可道."),
        ("en", "42"),
        ("th", "H2O"),
        ("ja", "光合成"),
        ("zh-Hant", "水"),
        ("en", "```python\nprint(1)\n```"),
        ("de", "😀"),
    ],
)
def test_terms_code_and_formulas_do_not_count(tag, text):
    if tag == "th":
        assert wrong_language(text, tag) is not None
    else:
        assert wrong_language(text, tag) is None


@pytest.mark.parametrize(
    ("tag", "text"),
    [
        ("sw", "The sky is blue because the air scatters blue light more than red light."),
        ("zh-Hans", "天空為什麼是藍色的？這個問題與陽光的散射有關。"),
        ("zh-Hant", "天空为什么是蓝色的？这个问题与阳光的散射有关。"),
        ("zh-Hans", "空はなぜ青く見えるのですか。太陽の光が空気に散らされるからです。"),
        ("ja", "天空为什么是蓝色的？这个问题与阳光的散射有关。"),
        ("sr-Cyrl", "Zašto je nebo plavo? Zato što vazduh rasipa plavu svetlost."),
        ("sr-Latn", "Зашто је небо плаво? Зато што ваздух расипа плаву светлост."),
        ("hi", "Aasman neela kyon hota hai, yeh sawal bahut purana hai."),
        (
            "uk",
            "Небо голубое, потому что воздух рассеивает синий свет сильнее, чем красный, и этот свет приходит со всех сторон.",
        ),
        (
            "fr",
            "Sure! Here is the question you asked for, in French: I hope that it helps you with your exam. Pourquoi ?",
        ),
    ],
)
def test_wrong_languages_and_scripts_are_named(tag, text):
    assert wrong_language(text, tag)


def test_half_a_text_in_another_language_is_turned_down():
    mixed = TABLE["de"][1] + " " + TABLE["en"][1]
    assert wrong_language(mixed, "de")
    assert wrong_language(TABLE["de"][1] * 3 + " " + TABLE["en"][0], "de") is None


def test_the_slots_language_is_what_counts():
    check = compile_check(Language(check="language"), CheckTools())
    assert check.reason == "language"
    english = TABLE["en"][1]
    assert check.check(Subject(english, None, {"language": "en"})) is None
    assert check.check(Subject(english, None, {"language": "sw"}))
    assert check.check(Subject(english, None, {"topic": "sw"})) is None
    other = compile_check(Language(check="language"), CheckTools(language_axis="tongue"))
    assert other.check(Subject(english, None, {"tongue": "sw"}))


def test_structures_are_judged_by_their_texts():
    fields = {"question": TABLE["sw"][1], "level": "expert", "n": 3}
    check = compile_check(Language(check="language", field="question"), CheckTools())
    assert check.check(Subject("{}", fields, {"language": "sw"})) is None
    assert check.check(Subject("{}", fields, {"language": "en"}))
    whole = compile_check(Language(check="language"), CheckTools())
    assert whole.check(Subject("{}", fields, {"language": "sw"})) is None


def test_unknown_and_odd_tags_are_judged_by_script():
    for tag in ("mai", "kok", "qaa", "x-own"):
        assert wrong_language("123", tag) is None
    assert wrong_language(TABLE["ru"][1], "mai")
    assert wrong_language(TABLE["hi"][1], "mai") is None


SIBLINGS = [
    # article 3, 15, 23 of the Universal Declaration of Human Rights, and sentences of our own
    ("mk", "sr-Cyrl", "Секој има право на живот, слобода и сигурност."),
    ("mk", "sr-Cyrl", "Никој нема да биде произволно лишен од неговата сопственост."),
    ("mk", "sr-Cyrl", "Децата учат во новото училиште, а родителите ги чекаат пред вратата."),
    ("mk", "bg", "Секој човек мора сам да ги заштити своите податоци од другите луѓе."),
    ("sr-Cyrl", "mk", "Нико није дошао на час, јер су сви ученици били на излету са наставником."),
    ("sr-Cyrl", "bg", "Свако ко пише мора да зна шта је хтео да каже."),
    ("bg", "sr-Cyrl", "Всеки ученик трябва да напише какво е научил през деня."),
    ("bg", "mk", "Водата кипи при сто градуса, ако налягането е нормално."),
    (
        "da",
        "nb",
        "Familien er samfundets naturlige og fundamentale enhedsgruppe og har krav på samfundets og statens beskyttelse.",
    ),
    ("da", "nb", "Ingen må underkastes tortur eller grusom, umenneskelig eller vanærende behandling eller straf."),
    ("da", "nb", "Hvad sker der med vandet, efter at solen har varmet det op?"),
    ("nb", "da", "Hva skjer med vannet etter at sola har varmet det opp?"),
    ("nb", "da", "Ethvert menneske har krav på overalt å bli anerkjent som rettssubjekt."),
]


@pytest.mark.parametrize(("own", "other", "text"), SIBLINGS)
def test_languages_that_are_taken_for_each_other_are_told_apart(own, other, text):
    assert wrong_language(text, own) is None
    assert wrong_language(text, other) is not None


def test_marks_of_siblings_are_marks():
    """No letter or word of one language stands in the other's texts of the bench's table; both sides have some."""
    import tomllib
    from pathlib import Path

    from tapc.kinds.checks.language.siblings import siblings_of

    table = tomllib.loads((Path(__file__).parents[2] / "bench" / "langid_texts.toml").read_text("utf-8"))
    tags = {"sr": "sr-Cyrl", "no": "nb"}
    pairs = [("mk", "sr"), ("bg", "sr"), ("bg", "mk"), ("da", "no")]
    for own, other in [*pairs, *(pair[::-1] for pair in pairs)]:
        sibling = siblings_of(own)[other]
        assert sibling.marks(" ".join(table[tags.get(other, other)]))[0] == 0, (own, other)
        assert sibling.marks(" ".join(table[tags.get(own, own)]))[0] > 0, (own, other)
    assert siblings_of("en") == {} and siblings_of(None) == {}
