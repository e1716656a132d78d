"""`require no_refusal`: the answer is none of the ways models decline."""

from functools import cache

import regex

from tapc.checks import CheckRuntime, CheckTools, Subject
from tapc.ir import Check
from tapc.kinds.checks.no_refusal.spec import KIND

Pattern = regex.Pattern[str]

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
"""How models decline in so many words: a part that every match contains, for speed, and the pattern. Written for this
tool, in lower case and with straight apostrophes."""

_APOLOGIES: tuple[tuple[str, str], ...] = (
    # German, Dutch, Scandinavian, Afrikaans
    (r"tut mir (?:sehr |wirklich )?leid|entschuldigung|ich bedau(?:re|ere)|leider",
     (r"(?:(?:kann|darf|werde) ich|ich (?:kann|darf|werde))\b[^.!?]{0,60}\b(?:nicht|keine?n?) "
     r"(?:\w+ )?(?:weiter)?(?:helfen|beantworten|antworten|erfüllen|bereitstellen|geben|erstellen|schreiben)")),
    (r"het spijt me|sorry|helaas",
     r"(?:kan ik|ik kan)\b[^.!?]{0,60}\b(?:niet|geen)\b[^.!?]{0,30}(?:helpen|beantwoorden|voldoen|verstrekken|geven)"),
    (r"tyvärr|ledsen|beklagar|förlåt", r"(?:kan jag|jag kan)\b[^.!?]{0,20}\b(?:inte|ej)\b"),
    (r"beklager|dessverre|unnskyld|undskyld|desværre|ked af", r"(?:kan jeg|jeg kan)\b[^.!?]{0,20}\bikke\b"),
    (r"því miður|fyrirgefðu|afsakið", r"(?:get ég|ég get) ekki"),
    (r"jammer|verskoning|ongelukkig", r"(?:ek kan|kan ek) nie"),
    # Romance
    (r"désolée?|navrée?|pardon|malheureusement|regrette",
     r"je ne (?:peux|suis|pourrai)\b[^.!?]{0,40}(?:aider|répondre|fournir|satisfaire|traiter|mesure|donner)"),
    (r"lo siento|lamento|disculp\w+|perdón|lamentablemente", r"no (?:puedo|me es posible|podré)\b"),
    (r"desculp\w+|sinto muito|lamento|infelizmente|perdão", r"não (?:posso|consigo)\b"),
    (r"mi dispiace|spiacente|mi scus\w+", r"non (?:posso|sono in grado|mi è possibile)"),
    (r"ho sento|em sap greu|disculpe\w*|lamento", r"no (?:et |us )?puc\b"),
    (r"síntoo|sinto|desculp\w+|lamento", r"non (?:che |lle )?podo\b"),
    (r"îmi pare rău|scuze|scuzați", r"nu (?:vă |te )?pot\b"),
    # Slavic
    (r"je mi (?:to )?líto|omlouvám se|bohužel|promiňte", r"(?:nemohu|nemůžu|nedokážu)\b"),
    (r"je mi (?:to )?ľúto|ospravedlňujem sa|bohužiaľ|žiaľ|prepáčte", r"(?:nemôžem|nedokážem)\b"),
    (r"žal mi je|oprostite|žal|opravičujem", r"ne morem\b"),
    (r"przykro mi|przepraszam|niestety", r"nie (?:mogę|jestem w stanie|potrafię)\b"),
    (r"žao mi je|oprostite|izvinite", r"ne mogu\b"),
    (r"жао ми је|извините|опростите", r"не могу\b"),
    (r"жал ми е|за жал|извинете", r"не можам\b"),
    (r"съжалявам|за съжаление|извинете", r"не мога\b"),
    (r"извин\w+|простите|к сожалению|сожалею|прошу прощения", r"не (?:могу|смогу|в состоянии)\b"),
    (r"вибач\w+|на жаль|перепрошую|пробачте", r"не (?:можу|зможу)\b"),
    (r"прабачце|на жаль|выбачайце", r"не магу\b"),
    # Baltic, Finnic, Hungarian, Greek, Albanian, Basque, Celtic
    (r"atsipraš\w+|apgailest\w+|deja", r"(?:negaliu|negalėsiu)\b"),
    (r"atvainojiet|diemžēl|piedodiet|man žēl", r"(?:nevaru|nevarēšu)\b"),
    (r"vabanda\w*|vabandu\w*|kahjuks|andke andeks", r"(?:ma|mina) ei (?:saa|tohi)\b"),
    (r"pahoillani|valitettavasti|anteeksi", r"en (?:voi|pysty|kykene)\b"),
    (r"sajnálom|sajnos|elnézést|bocsánat", r"nem (?:tudok|tudom|segíthetek|teljesíthetem)\b"),
    (r"λυπάμαι|συγγνώμη|δυστυχώς", r"δεν (?:μπορώ|είμαι σε θέση)"),
    (r"më vjen keq|fatkeqësisht|kërkoj falje", r"nuk mund t(?:ë|ju|'ju) (?:ju )?(?:ndihmoj|përgjigjem|jap|plotësoj)"),
    (r"barkatu|sentitzen dut|zoritxarrez", r"ezin (?:dut|dizut|naiz)\b"),
    (r"ddrwg gen i|ymddiheur\w+|yn anffodus", r"ni allaf|alla i ddim"),
    (r"tá brón orm|gabh mo leithscéal|faraor", r"ní féidir liom"),
    # Turkic, the Caucasus
    (r"üzgünüm|özür dilerim|maalesef|ne yazık ki|kusura bakma", r"\w+(?:amam|emem|amıyorum|emiyorum)\b"),
    (r"üzr istəyirəm|təəssüf|bağışlayın", r"\w+ (?:bilmərəm|bilmirəm)\b"),
    (r"кешіріңіз|өкінішке қарай|ғафу етіңіз", r"алмаймын"),
    (r"kechirasiz|uzr|afsuski|узр|кечирасиз", r"olmayman|олмайман"),
    (r"ցավում եմ|ներողություն|ցավոք", r"չեմ կարող"),
    (r"ვწუხვარ|ბოდიში|უკაცრავად|სამწუხაროდ", r"ვერ (?:დაგეხმარებ|გიპასუხებ|შევძლებ|მოგცემ)|არ შემიძლია"),
    # Arabic, Persian, Urdu, Hebrew
    (r"מצטער|מצטערת|סליחה|צר לי|מתנצל", r"(?:איני|אינני|אני לא|לא) (?:יכול|יכולה|אוכל|מסוגל)"),
    (r"آسف|عذر|أعتذر|نأسف|للأسف|معذرة", r"لا (?:أستطيع|يمكنني|أقدر|أتمكن)|لن (?:أستطيع|أتمكن)"),
    (r"متأسفم|متاسفم|ببخشید|عذرخواهی|پوزش|متأسفانه|متاسفانه", r"نمی[‌ ]?توانم"),
    (r"معذرت|معاف کیجیے|معافی", r"نہیں (?:کر|دے|بتا) ?سکت"),
    # South and South-East Asia
    (r"क्षमा|माफ़|माफ|मुझे खेद", r"नहीं (?:\S+ )?सकत"),
    (r"क्षमस्व|माफ करा", r"शकत नाही|शकणार नाही"),
    (r"माफ गर्नुहोस्|क्षमा", r"सक्दिन"),
    (r"দুঃখিত|ক্ষমা|মাফ", r"পার(?:ব|বো|ছি|ি) না|আমি \S+ ?অক্ষম"),
    (r"ਮਾਫ਼|ਮਾਫ|ਮੁਆਫ਼|ਖਿਮਾ", r"ਨਹੀਂ (?:\S+ )?ਸਕਦ"),
    (r"માફ|ક્ષમા", r"શકતો નથી|શકતી નથી|નહીં શકું|શકીશ નહીં"),
    (r"மன்னிக்க", r"முடியாது|இயலாது|முடியவில்லை"),
    (r"క్షమించ|మన్నించ", r"లేను"),
    (r"ಕ್ಷಮಿಸಿ", r"ಸಾಧ್ಯವಿಲ್ಲ|ಆಗುವುದಿಲ್ಲ|ಲಾರೆ"),
    (r"ക്ഷമിക്ക", r"കഴിയില്ല|സാധിക്കില്ല"),
    (r"ขออภัย|ขอโทษ", r"ไม่สามารถ|ช่วยไม่ได้"),
    (r"xin lỗi", r"không (?:thể|được phép)"),
    (r"maaf", r"(?:saya|aku) (?:tidak|tak|nggak) (?:bisa|dapat|boleh)"),
    (r"paumanhin|pasensya|ikinalulungkot", r"hindi (?:ko|ako)\b"),
    # Africa
    (r"samahani|pole|radhi|naomba msamaha", r"siwezi|sitaweza"),
    (r"haƙuri|hakuri|gafara", r"ba zan iya"),
    (r"má bínú|ma binu|jọ̀ọ́", r"mi ò lè|mi o le|n kò lè|emi ko le"),
    (r"ይቅርታ|አዝናለሁ", r"አልችልም"),
    (r"uxolo|ngiyaxolisa", r"angikwazi|ngeke ngikwazi"),
    # Chinese, Japanese, Korean
    (r"抱歉|对不起|對不起|很遗憾|很遺憾|不好意思",
     r"(?:我(?!们|們)|作为|作為).{0,16}(?:不能|无法|無法|不会|不會|没办法|沒辦法)"),
    (r"申し訳|すみません|ごめんなさい", r"できません|できかねます|いたしかねます|かねます|できない"),
    (r"죄송|미안", r"수 없습니다|수 없어요|어렵습니다|불가능합니다|드릴 수 없"),
)  # fmt: skip
"""Ways to say sorry, and to say that the speaker cannot: a refusal says both in one breath. Forms that could also be a
third person's stand only with apologies that people make for themselves."""

_BREATH = 90
"""Letters from an apology to what it is for; no more than one sentence may end between."""


class RefusalCheck:
    """Looks for a refusal at the head of an answer. Endpoints that say `refusal` themselves are not asked here."""

    reason = "refusal"

    def __init__(self, check: Check, tools: CheckTools) -> None:  # noqa: ARG002 - what every check is given
        self._field = check.field
        self._phrases, self._apology, self._refusals = _compiled()

    def check(self, subject: Subject) -> str | None:
        """See `CandidateCheck.check`."""
        head = " ".join(subject.text(self._field)[:HEAD].split()).replace("’", "'").casefold()
        found = next((m for part, pattern in self._phrases if part in head and (m := pattern.search(head))), None)
        if found is None and self._apology.search(head):
            found = next((m for pattern in self._refusals if (m := pattern.search(head))), None)
        return None if found is None else f"declines: {found[0][:80]!r}"


@cache
def _compiled() -> "tuple[tuple[tuple[str, Pattern], ...], Pattern, tuple[Pattern, ...]]":
    phrases = tuple((part, regex.compile(phrase)) for part, phrase in _PHRASES)
    apology = regex.compile(rf"\b(?:{'|'.join(sorry for sorry, _ in _APOLOGIES)})")
    breath = rf"[^.!?。！？।]{{0,{_BREATH}}}?(?:[.!?。！？।][^.!?。！？।]{{0,{_BREATH}}}?)?"
    refusals = tuple(regex.compile(rf"\b(?:{sorry}){breath}(?:{cannot})") for sorry, cannot in _APOLOGIES)
    return phrases, apology, refusals


RUNTIME = CheckRuntime(KIND.name, RefusalCheck)
