"""Exact quotas: an integer count for every cell of a sample space.

**What it does.** `allocate(space, samples, lock)` turns shares into counts. A cell is a leaf of the taxonomy with one
value of every mix. The total is exact. Every node is within one of its share of the count of its parent. Every value of
every mix is within one of its share in the whole set and inside every node, for all mixes at once. Pairs of values of
two mixes are brought within one as far as a bounded search succeeds. Equal input gives equal counts on every machine.

**Why it is possible.** Each row (a partial cell) rounds some of its exact fractions up. The sums of these roundings are
bounded for each row and for each pair (node, value). These are two laminar families of constraints, which always have
an integral solution (Hoffman and Kruskal 1956; Budish, Che, Kojima and Milgrom 2013). Pairs of mixes form a third
family, for which nothing can be promised (De Loera and Onn 2006): they are searched, and the largest deviation is
reported.

**Order of work** (`rounding.split` for each mix, called by `allocation`):

1. `shares`, `seats`: counts of taxonomy nodes, top down; among siblings by the quota method of Balinski and Young
   (1975), so that more samples never take one away.
2. `mixes`, `periods`, `matchings`, `candidates`: the order of the mixes and their weights in every row; the draws of
   mixes `per candidate`.
3. `keys`: the priority of every fraction, from content hashes alone, so that most roundings survive an edit; cells of
   an earlier plan (`locked`) come first. A plan that the lock has is taken from there (`recall`).
4. `repair`: brings each node within its bounds by many single moves at once, deepest first; `augment` finds a path
   through several rows if no single move helps (one always exists).
5. `exchanges`, `swaps`, `walk`: bring pairs within one of their targets. All three work on `moves.PairSearch`, the
   kernel that prices a move, checks the constraints and makes it. Exchanges consider all pairs at once and prefer moves
   that lose little priority, so that an edit repeats them; swaps are greedy on squared errors; the walk is a tabu
   search (Glover 1989) for the last pairs. `restore` then recovers cells of the lock that the bounds do not exclude.
6. `bands`: the order of the plans that added the slots of each cell, from the lock.
7. `late`: mixes that the lock's `identity` does not list divide the cells once more, after all others. `dividing` says
   which slots are in which cell and moves few of them from plan to plan, `batches` represents that without memory per
   slot, `divisions` is its form in a lock.
8. `deviation`: the distance of counts from exact shares. `docs/plans.md` says what is promised; `bench/quota_churn.py`
   and `bench/quota_speed.py` measure how many slots an edit loses, how far pairs are off, and the time.

**Leaves without a sample** are named by `find_unreached`, with the number of samples that would reach all.

**Renames.** `naming` counts a space under its identity names, and shows the result under the present ones.

**Terms.** A *row* is a leaf with values of the mixes split so far. A *rounding* is a pair (row, value) whose fraction
is rounded up. A *move* takes the rounding of one value of a row and gives it to another value of that row. A
*constraint* is a node above several rows. In array shapes, `R` is the number of rows, `V` of values, `C` of
constraints.

**Imports** `tapc.ir` and numpy, nothing else of the project. **Start reading** at `allocation.allocate`, then
`rounding.split`. **To change it**: `tests/quota` compares with brute force and with golden digests. A different
count for the same space makes stored replies miss, so a change must keep all counts or be worth that.
"""

from tapc.quota.allocation import Allocation, Late, allocate, count_cells, digest_of, with_base
from tapc.quota.bands import Band, flattened, make_bands
from tapc.quota.batches import Batches, Placement, flips
from tapc.quota.candidates import COUNTED, DrawnCounts, MixDraws, mix_draws
from tapc.quota.deviation import Deviation
from tapc.quota.divisions import Divisions, added, together
from tapc.quota.late import Basis, find_basis
from tapc.quota.locked import Events, Lock, Mark, tidied
from tapc.quota.naming import OtherNames, count_by_identity, under_names
from tapc.quota.problem import QuotaProblem
from tapc.quota.tree import path_below
from tapc.quota.unreached import Unreached, find_unreached

__all__ = [
    "COUNTED",
    "Allocation",
    "Band",
    "Basis",
    "Batches",
    "Deviation",
    "Divisions",
    "DrawnCounts",
    "Events",
    "Late",
    "Lock",
    "Mark",
    "MixDraws",
    "OtherNames",
    "Placement",
    "QuotaProblem",
    "Unreached",
    "added",
    "allocate",
    "count_by_identity",
    "count_cells",
    "digest_of",
    "find_basis",
    "find_unreached",
    "flattened",
    "flips",
    "make_bands",
    "mix_draws",
    "path_below",
    "tidied",
    "together",
    "under_names",
    "with_base",
]
