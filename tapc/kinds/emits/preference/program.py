"""What writes rows of `emit preference`."""

from tapc.kinds.emits.preference.spec import KIND
from tapc.kinds.runtime import EmitRuntime
from tapc.rows.pairs import pair_columns, pair_rows

RUNTIME = EmitRuntime(KIND.name, pair_rows, pair_columns, balanced=True)
