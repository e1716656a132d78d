"""`tapc doctor`: what endpoints make of the requests a spec will send them.

Every step's real parameters are sent once to each of its endpoints, with a prompt as it will be rendered; texts of
earlier steps are made up by the simulated endpoint. Nothing goes to the store or onto an account.
"""

from tapc.workspace.doctor.document import DoctorDocument, EndpointReport, StepReport
from tapc.workspace.doctor.examination import Examination, examine, prepare

__all__ = ["DoctorDocument", "EndpointReport", "Examination", "StepReport", "examine", "prepare"]
