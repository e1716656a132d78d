"""Reads what servers answer: bodies in any form, how a generation ended, usage, errors.

`bodies` and `patient` bring odd bodies into the usual form; `unusual` reads them member by member; `message` finds the
text and the thought of a completion; `ends` (with `replies.toml`) says what finish words and error bodies mean; `usage`
reads tokens and tiers; `structured` validates against a schema; `failures` classifies what is not a reply.

Nothing here opens a connection or knows a route; `tapc.endpoints.protocols` puts these parts together per protocol.
"""
