"""Exact quotas: an integer count for every cell of a sample space.

**What it does.** `allocate(space, samples, lock)` turns shares into counts. A cell is a leaf of the taxonomy with one
value of every mix. The total is exact; every node is within one of its share of its parent's count; every value of
every mix is within one of its share in the whole set and inside every node, for all mixes at once; pairs of values of
two mixes are brought within one as far as a bounded search goes. Equal input gives equal counts on every machine.

**Why it is possible.** Each row (a partial cell) rounds some of its exact fractions up; sums over rows are bounded by
rows on one side and by (node, value) on the other. Two laminar families of constraints always have an integral solution
(Hoffman and Kruskal 1956; Budish, Che, Kojima and Milgrom 2013). Pairs of mixes are a third family, for which nothing
can be promised (De Loera and Onn 2006): they are searched for, and what is reached is reported.

**Order of work** (`rounding.split` for each mix, called by `allocation`):

1. `shares`, `seats`: counts of taxonomy nodes, top down; among siblings by the quota method of Balinski and Young
   (1975), so that more samples never take one away.
2. `mixes`, `periods`, `matchings`, `candidates`: order of the mixes, their weights in every row; draws of mixes that
   are made per candidate.
3. `keys`: the priority of every fraction, from content hashes alone, so that most roundings survive an edit; cells of
   an earlier plan (`locked`) come first.
4. `repair`: brings each node within its bounds by many single moves at once, deepest first; `augment` finds a path
   through several rows where no single move helps (it always exists).
5. `exchanges`, `swaps`, `walk`: bring pairs within one of their targets. All three work on `moves.PairSearch`, the
   kernel that prices a move, asks the constraints, and makes it. Exchanges look at all pairs at once and prefer moves
   that lose little priority, so that an edit repeats them; swaps are greedy on squared errors; the walk is a tabu
   search (Glover 1989) for the last pairs. `restore` then gives the lock back what the bounds turn out not to need.
6. `deviation`: how far counts are from exact shares. `docs/plans.md` says what is promised; `bench/quota_churn.py` and
   `bench/quota_speed.py` measure what edits lose, how far pairs are off, and the time.

**May import** `tapc.ir` and numpy, nothing else of the project. **Start reading** at `allocation.allocate`, then
`rounding.split`.
"""

from tapc.quota.allocation import Allocation, allocate
from tapc.quota.candidates import COUNTED, DrawnCounts, MixDraws, mix_draws
from tapc.quota.deviation import Deviation
from tapc.quota.locked import Lock
from tapc.quota.problem import QuotaProblem

__all__ = [
    "COUNTED",
    "Allocation",
    "Deviation",
    "DrawnCounts",
    "Lock",
    "MixDraws",
    "QuotaProblem",
    "allocate",
    "mix_draws",
]
