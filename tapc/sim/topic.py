"""What a prompt is about, in a word or a few."""

import re

_QUOTED = re.compile(r"[“«「„]([^“”«»「」„\n]{2,60})[”»」“]")
_ABOUT = re.compile(r"\b(?:about|on|topic:?|subject:?|regarding|concerning)\s+(?:the\s+)?([^.,;:()\n?!]{3,60})")
_WORD = re.compile(r"[^\W\d_]{4,}")
_PLAIN = frozenset(
    {
        "about",
        "answer",
        "answers",
        "assistant",
        "clear",
        "could",
        "create",
        "difficult",
        "difficulty",
        "easy",
        "english",
        "exam",
        "explain",
        "following",
        "from",
        "general",
        "generate",
        "give",
        "good",
        "hard",
        "have",
        "helpful",
        "into",
        "knowledge",
        "language",
        "long",
        "make",
        "medium",
        "must",
        "only",
        "please",
        "problem",
        "problems",
        "question",
        "questions",
        "reply",
        "sentence",
        "sentences",
        "short",
        "should",
        "some",
        "step",
        "steps",
        "student",
        "students",
        "text",
        "that",
        "their",
        "them",
        "there",
        "they",
        "think",
        "this",
        "what",
        "when",
        "where",
        "which",
        "with",
        "words",
        "would",
        "write",
        "your",
    }
)
_CLIP = 40


def topic_of(prompt: str) -> str:
    """Words of the prompt to mention: what it quotes, else what stands after "about", else its longest word."""
    quoted = _QUOTED.search(prompt)
    if quoted:
        return quoted[1].strip()
    about = _ABOUT.search(prompt)
    if about:
        found = about[1].split(" in ")[0].strip()[:_CLIP].strip("\"'` ")
        if found:
            return found
    words = [word for word in _WORD.findall(prompt[:2000]) if word.lower() not in _PLAIN]
    return max(words, key=len)[:_CLIP] if words else prompt.strip()[:12].strip() or "…".strip("…") or "this"


def seeks_question(prompt: str, words: tuple[str, ...]) -> bool:
    """Whether the prompt wants a question or an exercise, rather than an answer to one."""
    if _MAKE.search(prompt):
        return True
    if "?" in prompt or "？" in prompt or "؟" in prompt or "¿" in prompt:
        return False
    lowered = prompt.lower()
    return not lowered.isascii() and any(word in lowered for word in words)


_MAKE = re.compile(
    r"\b(?:write|writes|create|generate|compose|make|pose|ask|produce|formulate|invent|design|devise|craft|propose|draft)\b"
    r"(?:(?!\b(?:answer|solution|reply|respond|response|essay|story|explanation)\b)[^.?!\n]){0,90}"
    r"\b(?:questions?|problems?|exams?|quiz|exercises?|puzzles?|riddles?|instructions?|quer(?:y|ies)|prompts?)\b",
    re.IGNORECASE,
)
