"""The fold read by the letter: one slot at a time, no queues, no event loop, nothing in flight.

It shares no code with the engine: only what steps may await (`Ask`, `Both`, `Decide`), and what they return. Rules:

- Slots are taken in order of rank, in blocks. Within a block a step is done with before the next one begins.
- A candidate goes on until it waits for a decision. When all of a block wait, those at the lowest attempt are decided,
  in order of rank and candidate; then they go on.
- A reply that cannot be had ends the step; what of it still waits is dropped, what is being decided is remembered.
- A slot is rejected by the first step that falls short and that an accepted step needs; else it is missing if a reply
  is; else accepted. Only rejected slots are replaced: within their cell, up to its reserve.
"""

from collections import Counter

from tapc.steps import Ask, Decide, Missing, Origin, Short, SlotKey


class Part:
    """One coroutine, read as far as replies and decisions allow."""

    def __init__(self, coroutine, ask, above=None):
        self.coroutine, self.ask, self.above = coroutine, ask, above
        self.wish, self.parts, self.over, self.result, self.missing = None, [], False, None, None

    def go(self, value=None, error=None):
        while not self.over:
            try:
                effect = self.coroutine.throw(error) if error else self.coroutine.send(value)
            except (StopIteration, Missing) as end:
                self.over, self.result = True, getattr(end, "value", None)
                self.missing = end if isinstance(end, Missing) else None
                return
            value, error = None, None
            if isinstance(effect, Decide):
                self.wish = effect
                return
            if isinstance(effect, Ask):
                value = self.ask(effect.job)
                value, error = (None, value) if isinstance(value, Missing) else (value, None)
                continue
            self.parts = [Part(coroutine, self.ask, self) for coroutine in effect.parts]
            for part in self.parts:
                part.go()
            if not self.gathered():
                return
            value, error = self.together()

    def gathered(self):
        return all(part.over for part in self.parts) or any(part.missing for part in self.parts)

    def together(self):
        parts, self.parts = self.parts, []
        for part in parts:
            part.drop()
        missing = next((part.missing for part in parts if part.missing), None)
        return [part.result for part in parts], missing

    def drop(self):
        self.over, self.wish = True, None
        for part in self.parts:
            part.drop()
        self.coroutine.close()

    def waiting(self):
        return [self] if self.wish else [leaf for part in self.parts for leaf in part.waiting()]

    def decided(self, answer):
        if self.wish is None:  # dropped meanwhile
            return
        self.wish = None
        self.go(answer)
        part = self.above
        while part is not None and not part.over and part.parts and part.gathered():
            part.go(*part.together())
            part = part.above


def fold(programs, slots, ask, open_slot, *, accept, blocks, planned, share, floor):
    """All finished slots in order of rank, as (state, status, short, missing), and what each cell lacks at the end.

    `blocks` are the slots of the first block of each sequence, and of the largest.
    """
    found, lacks, used = [], Counter(), Counter()
    slots, rank = list(slots), 0
    while slots:
        done = [one for part in divided(slots, *blocks) for one in fold_block(programs, part, ask, open_slot, accept)]
        found += done
        rank = max(rank, max(state.key.rank for state, *_ in done) + 1)
        failed = Counter(state.key.cell for state, status, *_ in done if status == "rejected")
        lacks.update(state.key.cell for state, status, *_ in done if status == "missing")
        any_of = {state.key.cell: state.key for state, *_ in found}
        slots = []
        for cell in sorted(failed):
            size = planned(cell)
            most = max(floor, -((-share.numerator * size) // share.denominator))
            for _ in range(failed[cell]):
                if used[cell] < most:
                    of, number = any_of[cell], size + used[cell]
                    slots.append(SlotKey(cell, number, rank, of.leaf, of.values, Origin(cell, number)))
                    used[cell] += 1
                    rank += 1
                else:
                    lacks[cell] += 1
    return found, {cell: count for cell, count in lacks.items() if count}


def divided(slots, size, largest):
    """Blocks of slots, each twice as large as the one before."""
    while slots:
        yield slots[:size]
        slots, size = slots[size:], min(2 * size, largest)


def fold_block(programs, slots, ask, open_slot, accept):
    states = [open_slot(key) for key in slots]
    shorts, missing = [{} for _ in states], [{} for _ in states]
    names = {program.name for program in programs}
    for program in programs:
        running = []
        for n, state in enumerate(states):
            if all(name in state.results for name in program.reads if name in names):
                running.append((n, state, Part(program.run(state), ask)))
                running[-1][-1].go()
        while waits := [
            (p.wish.asker.attempt, s.key.rank, p.wish.asker.candidate, p)
            for _, s, root in running
            for p in root.waiting()
        ]:
            lowest = min(wait[0] for wait in waits)
            now = [wait[3] for wait in sorted(waits, key=lambda wait: wait[:3]) if wait[0] == lowest]
            for part, answer in [(part, part.wish.check.decide(part.wish.text, part.wish.group)) for part in now]:
                part.decided(answer)
        for n, state, root in running:
            if root.missing:
                missing[n][program.name] = str(root.missing)
            elif isinstance(root.result, Short):
                shorts[n][program.name] = root.result
            else:
                state.results[program.name] = root.result
                state.names[program.name] = program.view(root.result)
    needed = needed_by(programs, accept)
    finished = []
    for n, state in enumerate(states):
        short = next((shorts[n][p.name] for p in programs if p.name in shorts[n] and p.name in needed), None)
        why = next((missing[n][p.name] for p in programs if p.name in missing[n]), "")
        status = "rejected" if short else "missing" if missing[n] else "accepted"
        finished.append((state, status, short, "" if short else why))
    return finished


def needed_by(programs, accept):
    """Steps that the accepted ones need, themselves included."""
    needed = set(accept)
    for program in reversed(programs):
        if program.name in needed:
            needed.update(program.reads)
    return needed
