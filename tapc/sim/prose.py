"""Texts: questions and answers put together from a language's sentences, good or bad as the writer's quality has it."""

from tapc.sim.banks import Bank
from tapc.sim.draws import Draws
from tapc.sim.tokens import count

SPREAD = 0.16
"""Standard deviation of the quality of one model's answers."""


def sentence(bank: Bank, draws: Draws) -> str:
    """A sentence of two clauses."""
    return draws.pick(bank.head) + bank.join + draws.pick(bank.tail)


def question(bank: Bank, draws: Draws, topic: str, limit: int) -> str:
    """A question in its setting: two sentences, what is given, and what is asked."""
    asked = draws.pick(bank.ask).replace("{t}", _quoted(bank, topic))
    given = f"a = {2 + draws.below(98)}, b = {2 + draws.below(98)}" if draws.below(10) < 6 else ""
    parts = [sentence(bank, draws), sentence(bank, draws)]
    if given:
        asked = f"{asked} ({given})"
    while parts and count(bank.between.join([*parts, asked])) > limit:
        parts.pop()
    return bank.between.join([*parts, asked])


def answer(bank: Bank, draws: Draws, topic: str, quality: float, limit: int) -> str:
    """An answer: an opening, a paragraph, numbered steps with sums, a close; its features show the quality.

    It is planned to stay below the limit of tokens, as models do that know it; what still does not fit is cut.
    """
    own = max(0.0, min(1.0, quality + SPREAD * draws.normal()))
    gap = bank.between
    body = [draws.pick(bank.topic).replace("{t}", _quoted(bank, topic))]
    body += [sentence(bank, draws) for _ in range(2 + draws.below(3))]
    for _ in range(_hedges(draws, own)):
        body.insert(1 + draws.below(len(body)), draws.pick(bank.hedge))
    if own < 0.5 and draws.unit() < 0.8 * (0.6 - own):
        body.append(body[1 + draws.below(len(body) - 1)])
    if draws.unit() < 0.3 + 0.7 * own:
        body.append(draws.pick(bank.close))
    tokens_left = limit - count(gap.join(body))
    while tokens_left < 0 and len(body) > 1:
        tokens_left += count(body.pop(1)) + 1
    steps = _steps(bank, draws, own, tokens_left)
    last = body.pop() if len(body) > 2 else ""
    text = gap.join(body)
    if steps:
        text += "\n\n" + "\n".join(steps) + ("\n" if last else "")
    return f"{text}{gap if not steps else chr(10)}{last}" if last else text


def _hedges(draws: Draws, own: float) -> int:
    return sum(draws.unit() < 0.75 * (1.0 - own) ** 1.5 for _ in range(3))


def _steps(bank: Bank, draws: Draws, own: float, tokens_left: int) -> list[str]:
    wanted = min(5, max(0, round(5 * own + draws.unit() - 0.5)))
    lines: list[str] = []
    start = draws.below(len(bank.step))
    while len(lines) < wanted:
        line = f"{len(lines) + 1}. {bank.step[(start + len(lines)) % len(bank.step)]}"
        if draws.unit() < 0.7:
            line += f"{bank.between}{_sum(draws, own)}"
        tokens_left -= count(line) + 1
        if tokens_left < 0:
            break
        lines.append(line)
    return lines


def _sum(draws: Draws, own: float) -> str:
    left, right = 2 + draws.below(97), 2 + draws.below(30)
    times = draws.below(2) == 1
    result = left * right if times else left + right
    if draws.unit() > 0.25 + 0.75 * own:
        result += 1 + draws.below(9)
    return f"{left} {'×' if times else '+'} {right} = {result}."


def _quoted(bank: Bank, topic: str) -> str:
    return f"{bank.quote[0]}{topic}{bank.quote[1]}"
