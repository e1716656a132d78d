"""The quickstart, unchanged, with one of its endpoints on a server nobody here wrote."""

import shutil

import pytest
from driving import QUICKSTART, Tapc

pytestmark = pytest.mark.external

ENGLISH = (
    "First write down what is given, then what is asked. The energy before and after must be the same, so we set both "
    "sides equal and solve for the one number we do not know. At the end we check that the result makes sense."
)
CHINESE = "首先写下已知的条件，然后写下要求的量。能量在变化前后是相等的，所以我们列出方程，解出未知的数，最后检查结果是否合理。"
SWAHILI = (
    "Kwanza andika yale yanayojulikana, kisha andika kinachoulizwa. Nishati kabla na baada ya mabadiliko ni sawa, kwa "
    "hiyo tunalinganisha pande zote mbili na kutafuta namba tusiyoijua. Mwishoni tunahakikisha kuwa jibu lina maana."
)
ANSWERS = {
    "fixtures": [
        {"match": {"userMessage": "。"}, "response": {"content": CHINESE}},
        {"match": {"userMessage": "，"}, "response": {"content": CHINESE}},
        {"match": {"userMessage": " the "}, "response": {"content": ENGLISH}},
        {"match": {}, "response": {"content": SWAHILI}},
    ]
}


def test_external_server_answers_for_one_endpoint_of_the_quickstart(start_aimock, tmp_path):
    server = start_aimock(ANSWERS)
    work = tmp_path / "work"
    work.mkdir()
    shutil.copy(QUICKSTART, work / "quickstart.tap")
    tapc = Tapc(work)
    arguments = ("quickstart.tap", f"--endpoint=tutor={server.url}#gpt-4", "--yes")
    run = tapc.run(*arguments)
    assert run["samples"] == {"planned": 60, "accepted": 60, "short": 0}
    asked = len(server.journal())
    assert asked >= 120
    rows = tapc.rows("quickstart", "preference")
    written = {ENGLISH, CHINESE, SWAHILI}
    theirs = [r for r in rows if r["chosen"][0]["content"] in written or r["rejected"][0]["content"] in written]
    assert theirs, "no pair holds an answer of the other server"
    models = {(m["endpoint"], m["simulated"]) for m in tapc.manifest("quickstart")["models"]}
    assert models == {("novice", True), ("referee", True), ("tutor", False), ("writer", True)}
    again = tapc.run(*arguments)
    assert again["requests"]["sent"] == 0
    assert len(server.journal()) == asked, "the second run sent something"
