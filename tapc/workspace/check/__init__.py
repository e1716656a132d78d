"""What `tapc check` does: find what is wrong with specs, and fix what can be fixed safely.

`counts` runs the front end and counts only where counting can find something, since numpy takes longer to load than
most checks take. `fixes` applies the fixes of findings until none is left; it is apart since a check without `--fix`
does not need it.
"""
