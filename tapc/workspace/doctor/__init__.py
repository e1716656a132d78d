"""What `tapc doctor` does: find out what endpoints make of the requests a spec will send them.

Every step's real parameters are sent once to each of its endpoints, with a prompt as it will be rendered; texts of
earlier steps come from the simulated endpoint. Nothing goes to the store or onto an account.

- `sampling`: one job per step and endpoint, made by folding a few slots in this process.
- `examination`: asks all endpoints; start here.
- `asking`: sends one job with few retries, within the agreed cost.
- `step`: one step's parameters at one endpoint: which are refused, ignored, or have no effect.
- `findings`: what is wrong, as diagnostics; `document`: everything found out, as `--json` prints it.
"""

from tapc.workspace.doctor.document import DoctorDocument, EndpointReport, StepReport
from tapc.workspace.doctor.examination import Examination, examine, prepare

__all__ = ["DoctorDocument", "EndpointReport", "Examination", "StepReport", "examine", "prepare"]
