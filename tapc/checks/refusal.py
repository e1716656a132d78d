"""`require no_refusal`: the answer is none of the ways models decline."""

from functools import cache

import regex

from tapc.checks.face import Subject
from tapc.ir import Check

HEAD = 400
"""Characters at the beginning in which a refusal is looked for; later, people in a story may decline things."""

_PHRASES: tuple[tuple[str, str], ...] = (
    # English
    ("sorry", r"\bi(?:'m| am) (?:very |really |so )?sorry,? but i (?:can(?:no|')t|am (?:not able|unable)|won't)"),
    ("i can", r"\bi can(?:no|')t (?:help(?! but)|assist|comply|provide|fulfil|create|engage|answer|support|discuss)"),
    ("i am ", r"\bi am (?:unable|not able) to (?:help|assist|comply|provide|fulfil|create|engage|answer|support)"),
    ("as an ai", r"\bas an ai(?: language)?(?: model| assistant)?,? i (?:can(?:no|')t|do not|don't|am not|must)"),
    ("decline", r"\bi must (?:respectfully )?decline\b"),
    ("my ", r"\b(?:against|violates) my (?:programming|guidelines|policy|policies)\b"),
    # German, Dutch, Scandinavian, Afrikaans
    (
        "ich kann",
        r"\bich kann (?:dir |ihnen |euch )?(?:dabei |damit |das )?(?:leider )?nicht (?:helfen|behilflich|bei)",
    ),
    ("leid", r"\b(?:es )?tut mir leid,? (?:aber )?(?:ich kann|das kann ich|dabei kann ich)"),
    ("als ki", r"\bals ki(?:-| )?(?:modell|sprachmodell|assistent)? (?:kann|darf) ich"),
    ("spijt", r"\bhet spijt me,? maar ik kan"),
    ("ik kan", r"\bik kan (?:je |u )?(?:daar |hier)(?:bij|mee) niet helpen"),
    ("kan", r"\b(?:jag är ledsen|tyvärr),? (?:men )?(?:jag )?kan (?:jag )?inte (?:hjälpa|svara)"),
    ("jeg ", r"\b(?:beklager|jeg er ked af det),? (?:men )?jeg kan (?:ikke|desværre)"),
    ("jammer", r"\bek is jammer,? maar ek kan nie"),
    # French, Spanish, Portuguese, Italian, Catalan, Romanian
    ("désolé", r"\bje suis désolée?,? mais je ne (?:peux|suis)"),
    (
        "je ne ",
        r"\bje ne (?:peux|suis) (?:malheureusement )?pas (?:en mesure de )?(?:vous |t')?(?:aider|répondre|fournir)",
    ),
    ("lo siento", r"\blo siento,? (?:pero )?no puedo"),
    ("no puedo", r"\bno puedo (?:ayudarte|ayudarle|ayudar|proporcionar|cumplir|responder)"),
    ("não posso", r"\b(?:desculpe?|sinto muito|lamento),? (?:mas )?(?:eu )?não posso"),
    ("não posso", r"\bnão posso (?:ajudar|fornecer|atender|responder)"),
    ("mi dispiace", r"\bmi dispiace,? (?:ma )?non posso"),
    ("non posso", r"\bnon posso (?:aiutarti|aiutarla|fornire|rispondere)"),
    ("no puc", r"\bho sento,? (?:però )?no puc"),
    ("nu pot", r"\bîmi pare rău,? (?:dar )?nu pot"),
    # Slavic
    ("я не", r"\b(?:извините|простите|к сожалению),? (?:но )?я не (?:могу|в состоянии)"),
    ("я не могу", r"\bя не могу (?:помочь|ответить|выполнить|предоставить)"),
    ("не можу", r"\b(?:вибачте|на жаль),? (?:але )?я не можу"),
    ("nie mogę", r"\b(?:przykro mi|przepraszam|niestety),? (?:ale )?nie mogę"),
    ("nemohu", r"\b(?:je mi líto|omlouvám se|bohužel),? (?:ale )?nemohu"),
    ("не мога", r"\b(?:съжалявам|за съжаление),? (?:но )?не мога"),
    ("ne mogu", r"\b(?:žao mi je|nažalost),? (?:ali )?ne mogu"),
    ("не могу", r"\b(?:жао ми је|нажалост),? (?:али )?не могу"),
    # Greek, Hungarian, Finnish, Turkish, Azerbaijani
    ("δεν μπορώ", r"\b(?:λυπάμαι|συγγνώμη),? (?:αλλά )?δεν μπορώ"),
    ("saj", r"\b(?:sajnálom|sajnos),? (?:de )?nem (?:tudok|tudom|segíthetek)"),
    ("en voi", r"\b(?:olen pahoillani|valitettavasti),? (?:mutta )?en voi"),
    ("üzgünüm", r"\büzgünüm,? (?:ama |ancak |fakat )?(?:bu |size )"),
    ("istəyirəm", r"\büzr istəyirəm,? (?:amma |lakin )"),
    # Chinese, Japanese, Korean
    ("抱歉", r"抱歉[，,、。！ ]{0,2}(?:但|但是)?(?:我|作为|作為).{0,12}(?:不能|无法|無法|不会|不會)"),
    ("不起", r"(?:对不起|對不起)[，,、。！ ]{0,2}(?:但|但是)?(?:我|作为|作為).{0,12}(?:不能|无法|無法|不会|不會)"),
    ("我", r"我.{0,6}(?:无法|無法|不能)(?:提供|协助|協助|帮助|幫助|回答|满足|滿足|完成)"),
    ("申し訳", r"申し訳(?:ありません|ございません).{0,30}(?:できません|いたしかねます|お答えできません|かねます)"),
    ("すみません", r"すみません.{0,30}(?:できません|かねます)"),
    ("죄송", r"(?:죄송합니다|죄송하지만).{0,30}(?:없습니다|어렵습니다|불가능합니다)"),
    # Arabic, Persian, Urdu, Hebrew
    ("لا ", r"(?:آسف|عذر[اً]+|أعتذر|نأسف).{0,20}لا (?:أستطيع|يمكنني|أقدر)"),
    ("نمی", r"(?:متأسفم|متاسفم|ببخشید|عذرخواهی می‌?کنم).{0,20}نمی‌?توانم"),
    ("نہیں", r"(?:معذرت|معاف کیجیے|معافی).{0,30}نہیں کر سکت"),
    ("לא ", r"(?:מצטער|מצטערת|סליחה).{0,15}לא (?:יכול|יכולה|אוכל)"),
    # South and South-East Asia
    ("नहीं", r"(?:क्षमा करें|माफ़ करें|माफ कीजिए|मुझे खेद है|मुझे माफ़).{0,40}नहीं (?:कर|दे) सकत"),
    ("দুঃখিত", r"দুঃখিত.{0,40}(?:পারব না|পারছি না|পারি না|অক্ষম)"),
    ("மன்னிக்கவும்", r"மன்னிக்கவும்.{0,40}(?:முடியாது|இயலாது)"),
    ("క్షమించండి", r"క్షమించండి.{0,40}(?:చేయలేను|ఇవ్వలేను|లేను)"),
    ("ไม่", r"(?:ขออภัย|ขอโทษ|เสียใจ).{0,40}(?:ไม่สามารถ|ช่วยไม่ได้)"),
    ("không", r"(?:xin lỗi|rất tiếc),? .{0,20}(?:không thể|không được phép)"),
    ("maaf", r"\bmaaf,? (?:tetapi |tapi |namun )?saya tidak (?:bisa|dapat|boleh)"),
    ("paumanhin", r"\bpaumanhin,? .{0,20}hindi (?:ko|ako) "),
    # Africa
    ("siwezi", r"\b(?:samahani|pole|naomba radhi),? .{0,20}siwezi"),
    ("ba zan", r"\b(?:yi haƙuri|ku yi haƙuri),? .{0,20}ba zan iya"),
    ("binu", r"\bma binu,? .{0,20}(?:mi o le|n kò lè|emi ko le)"),
    ("አልችልም", r"(?:ይቅርታ|አዝናለሁ).{0,40}አልችልም"),
)
"""How models begin to decline, in the languages they are most used in: a part that every match contains, for speed, and
the pattern. Written for this tool, in lower case and with straight apostrophes."""


class RefusalCheck:
    """Looks for a refusal at the head of an answer. Endpoints that say `refusal` themselves are not asked here."""

    reason = "refusal"

    def __init__(self, check: Check) -> None:
        self._field = check.field
        self._phrases = _compiled()

    def check(self, subject: Subject) -> str | None:
        """See `CandidateCheck.check`."""
        head = " ".join(subject.text(self._field)[:HEAD].split()).replace("’", "'").casefold()
        for part, pattern in self._phrases:
            if part in head:
                found = pattern.search(head)
                if found is not None:
                    return f"declines: {found[0][:80]!r}"
        return None


@cache
def _compiled() -> "tuple[tuple[str, regex.Pattern[str]], ...]":
    return tuple((part, regex.compile(phrase)) for part, phrase in _PHRASES)
