"""Ways in which servers write a key they repeat, each by other means than tapc's own."""

import base64
import codecs
import html
import json
from urllib.parse import quote


def entities(text, form):
    return "".join(form.format(ord(c)) for c in text)


def echoes(key):
    """Name of a way to the key written so."""
    basic = base64.b64encode(f"user:{key}".encode()).decode()
    return {
        "as it is": key,
        "upper case": key.upper(),
        "lower case": key.lower(),
        "swapped case": key.swapcase(),
        "in a header": f"Authorization: Bearer {key}",
        "base64": base64.b64encode(key.encode()).decode(),
        "base64, one byte before": base64.b64encode(b"x" + key.encode()).decode(),
        "base64, two bytes before": base64.b64encode(b"xy" + key.encode() + b"z").decode(),
        "base64 for URLs": base64.urlsafe_b64encode(b'{"k":"' + key.encode() + b'"}').decode().rstrip("="),
        "basic, key as password": f"Basic {basic}",
        "basic, key as user": base64.b64encode(f"{key}:".encode()).decode(),
        "base64 in a URL": quote(basic, safe=""),
        "hex": key.encode().hex(),
        "HEX": key.encode().hex().upper(),
        "hex of bytes in Python": "".join(f"\\x{b:02x}" for b in key.encode()),
        "%xx where needed": quote(key, safe=""),
        "%xx everywhere": "".join(f"%{b:02x}" for b in key.encode()),
        "%XX twice": quote("".join(f"%{b:02X}" for b in key.encode()), safe=""),
        "decimal entities": entities(key, "&#{};"),
        "padded entities": entities(key, "&#{:05d};"),
        "hexadecimal entities": entities(key, "&#x{:X};"),
        "named entities": html.escape(key).replace("/", "&sol;").replace("+", "&plus;").replace("_", "&lowbar;"),
        "entities of entities": html.escape(entities(key, "&#{};")),
        "JSON": json.dumps(key).replace("/", "\\/"),
        "JSON in JSON": json.dumps(json.dumps({"key": key.replace("/", "\\/")})),
        "JSON escapes everywhere": "".join(f"\\u{ord(c):04x}" for c in key),
        "JSON escapes in JSON": json.dumps("".join(f"\\u{ord(c):04X}" for c in key)),
        "Go's JSON": key.replace("&", "\\u0026").replace("<", "\\u003c").replace("=", "\\u003d"),
        "rust escapes": "".join(f"\\u{{{ord(c):x}}}" for c in key),
        "half escaped": "".join(c if n % 2 else f"%{ord(c):02x}" for n, c in enumerate(key)),
    }


assert codecs.decode(echoes("k")["hex"], "hex") == b"k"
