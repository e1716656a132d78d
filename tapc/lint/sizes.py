"""How large requests of a step get at most, as far as a spec says it."""

from fractions import Fraction

from tapc.ir import DEFAULT_MAX_TOKENS, Dataset, Endpoint, Judging, Step

CHARACTERS_PER_TOKEN = 4
"""Of English; other scripts have fewer, so what does not fit by this measure does not fit at all."""


def output_limit(step: Step, endpoint: Endpoint) -> int:
    """Tokens of visible output a request of the step may ask for."""
    return step.chat_sampling().max_tokens or endpoint.sampling.max_tokens or DEFAULT_MAX_TOKENS


def thinking_limit(endpoint: Endpoint) -> int:
    """Tokens of hidden reasoning on top of the output limit."""
    return endpoint.thinking if isinstance(endpoint.thinking, int) else 0


def completions(step: Step, endpoint: Endpoint) -> int:
    """Texts asked in one request."""
    return step.chat_sampling().n or endpoint.sampling.n or 1


def temperature(step: Step, endpoint: Endpoint) -> float | None:
    """The step's temperature, else the endpoint's; None where the server decides."""
    own = step.chat_sampling().temperature
    return endpoint.sampling.temperature if own is None else own


def written(step: Step) -> int:
    """Characters of a step's templates, holes and tags left out."""
    return sum(len(_literal(template.text)) for template in step.templates())


def written_bytes(step: Step) -> int:
    """Bytes of a step's templates in UTF-8, holes and tags left out."""
    return sum(len(_literal(template.text).encode("utf-8", "surrogatepass")) for template in step.templates())


def _literal(text: str) -> str:
    """A template's text outside of `{{ }}`, `{% %}` and `{# #}`."""
    found: list[str] = []
    at = 0
    while True:
        openers = [text.find(opener, at) for opener in ("{{", "{%", "{#")]
        start = min((index for index in openers if index >= 0), default=-1)
        if start < 0:
            return "".join((*found, text[at:]))
        closer = {"{": "}}", "%": "%}", "#": "#}"}[text[start + 1]]
        end = text.find(closer, start + 2)
        found.append(text[at:start])
        if end < 0:
            return "".join(found)
        at = end + 2


class Longest:
    """Longest texts that steps of a dataset may hand on, in tokens."""

    def __init__(self, dataset: Dataset) -> None:
        self._dataset = dataset
        self._steps = {step.name: step for step in dataset.steps}
        self._endpoints = {endpoint.name: endpoint for endpoint in dataset.endpoints}

    def text(self, name: str) -> int:
        """Tokens of the longest text of one candidate of a step; 0 for what is not a step of texts."""
        step = self._steps.get(name)
        writing = None if step is None else step.writing()
        if step is None or writing is None:
            return 0
        most = max(output_limit(step, self._endpoints[name]) for name in writing.using)
        for check in step.checks():
            length = check.text_length()
            if length is not None and length.maximum is not None:
                most = min(most, _tokens(length.maximum, length.unit))
        return most

    def prompt(self, step: Step) -> int:
        """Tokens of a step's longest prompt: what is written, and what steps may put in."""
        own = written(step) // CHARACTERS_PER_TOKEN
        reads = {name for template in step.templates() for name in template.reads}
        judging = step.judging()
        if judging is None:
            return own + sum(self.text(name) for name in reads)
        judged = self._steps[judging.of]
        if judging.prompt_of is not None:
            own += self.text(judging.prompt_of)
        elif judged.writing() is not None:
            own += self.prompt(judged)
        given = {path.partition(".")[0] for path in judging.given}
        others = sum(self.text(name) for name in (reads | given) - {judging.of})
        return own + self._shown(judging) * self.text(judging.of) + others

    def _shown(self, judging: Judging) -> int:
        """Number of answers in one request of a judge."""
        if judging.at_once is not None:
            return judging.at_once
        judged = self._steps[judging.of]
        writing = judged.writing()
        if writing is None or judged.parent() is not None:
            return 2
        texts = [writing.each * completions(judged, self._endpoints[name]) for name in writing.using]
        return sum(sorted(texts)[: writing.pick or len(texts)])


def _tokens(length: Fraction, unit: str) -> int:
    """Tokens of a text of some length; a word has about one and a third."""
    per = {"chars": Fraction(1, CHARACTERS_PER_TOKEN), "words": Fraction(4, 3), "tokens": Fraction(1)}[unit]
    return int(length * per)
