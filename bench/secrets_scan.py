"""CPU per reply of the search for secrets: `python bench/secrets_scan.py`, best of several rounds.

Printed by kind and length of text: microseconds of `Secrets.leaked` with one key, with a key, a header and an address,
and of reading the whole reply without any secret. A run without a key or a header searches nothing.
"""

import json
import time

from tapc.endpoints.protocols import PROTOCOLS, Capabilities, ReplyContext
from tapc.jobs import Job, Message, Recipe, worst_case
from tapc.outside.secrets import Secrets

KEY = "sk-proj-T9xQ2mZk7Lw0Rv5Yb8Nc_Jd3Hf6G"
MORE = (KEY, "Bearer tok-0123456789abcdef", "tok-0123456789abcdef", "8f14e45fceea167a5a36dedd4bea2543")
PROSE = "Tides come about because the Moon pulls at the sea, more on its near side than on its far side. "
KINDS = {
    "prose": PROSE,
    "Chinese": "潮汐是由于月球对海洋的引力而产生的，近侧的引力比远侧大。",
    "code": 'def tide(h):\n    return f"{h:.1%} of {h & 1} \\n"  # 40% &amp; more\n',
}
ROUNDS, TURNS = 15, 400


def best(call) -> float:
    """Microseconds of CPU."""
    found = []
    for _ in range(ROUNDS):
        begin = time.process_time()
        for _ in range(TURNS):
            call()
        found.append((time.process_time() - begin) / TURNS)
    return min(found) * 1e6


def main() -> None:
    recipe = Recipe("s", "e", "m", "m", "real", b"{}", None, 0, False, 400, 1, 64, None)
    job = Job(b"k" * 32, recipe, (Message("user", "Hi."),))
    worst = worst_case(job)
    none, one, more = Secrets(()), Secrets((KEY,)), Secrets(MORE)
    print(f"{'text':8} {'chars':>6} {'one key':>8} {'four':>8} {'reading':>8}   µs of CPU per reply")
    for kind, text in KINDS.items():
        for length in (200, 1500, 6000):
            said = (text * (length // len(text) + 1))[:length]
            message = {"role": "assistant", "content": said}
            usage = {"prompt_tokens": 9, "completion_tokens": 9, "total_tokens": 18}
            choice = {"index": 0, "finish_reason": "stop", "message": message}
            document = {"model": "m", "choices": [choice], "usage": usage}
            body = json.dumps(document, ensure_ascii=False).encode()
            reader = PROTOCOLS[0].speaker(recipe, Capabilities(), ReplyContext("http://h", none, Capabilities()))
            figures = [
                best(lambda known=known, said=said: known.leaked(said, "m", "fp", "stop")) for known in (one, more)
            ]
            reading = best(lambda body=body, reader=reader: reader.read(job, body, worst, 0.1, ((), 10**6)))
            print(f"{kind:8} {length:6,} {figures[0]:8.1f} {figures[1]:8.1f} {reading:8.1f}")


if __name__ == "__main__":
    main()
