"""Balance of chosen and rejected: whether a model trained on the pairs could learn length, or an author, instead."""

from collections import Counter

from tapc.ir import Emit
from tapc.outputs.manifest import Balance
from tapc.outputs.markdown import table
from tapc.steps import Generated, Paired, SlotState


class BalanceTally:
    """Adds up the pairs of one preference config; memory grows with the models, not with the pairs."""

    def __init__(self) -> None:
        self.pairs = 0
        self._length = [0, 0]
        self._longer = 0
        self._models: tuple[Counter[str], Counter[str]] = (Counter(), Counter())

    def add(self, slot: SlotState, emit: Emit) -> None:
        """Take the pairs of an accepted slot."""
        paired = slot.results.get(emit.source or "")
        if not isinstance(paired, Paired):
            return
        made = slot.results.get(paired.of)
        if not isinstance(made, Generated):
            return
        candidates = {candidate.index: candidate for candidate in made.candidates}
        for pair in paired.pairs:
            sides = candidates[pair.chosen], candidates[pair.rejected]
            self.pairs += 1
            for side, candidate in enumerate(sides):
                self._length[side] += len(candidate.text)
                self._models[side][candidate.model] += 1
            self._longer += len(sides[0].text) > len(sides[1].text)

    def balance(self) -> Balance:
        """What was found; there is at least one pair."""
        chosen, rejected = self._models
        return Balance(
            pairs=self.pairs,
            mean_chars_chosen=round(self._length[0] / self.pairs, 1),
            mean_chars_rejected=round(self._length[1] / self.pairs, 1),
            chosen_longer=round(self._longer / self.pairs, 4),
            chosen_share_by_model={
                model: round(chosen[model] / (chosen[model] + rejected[model]), 4)
                for model in sorted({*chosen, *rejected})
            },
        )


def balance_lines(found: dict[str, Balance]) -> list[str]:
    """The part of the card that shows it."""
    lines: list[str] = []
    for config, balance in found.items():
        rows = [[model, f"{share:.0%}"] for model, share in balance.chosen_share_by_model.items()]
        lengths = (
            f"Chosen answers have {balance.mean_chars_chosen:,.0f} characters on average, rejected ones "
            f"{balance.mean_chars_rejected:,.0f}; in {balance.chosen_longer:.0%} of {balance.pairs:,} pairs the chosen "
            "one is longer. Share of each model's paired answers that were chosen:"
        )
        lines += [
            f"## Balance of `{config}`",
            "",
            lengths,
            "",
            *table(["model", "chosen"], rows, right=(1,)),
            "",
        ]
    return lines
