"""What `tapc plan` does.

`document` describes a plan: counts, requests, cost, what the store has, what the spec touches. `saved` writes and reads
plans to be run later, and says why one no longer holds. `misses` says why a job is not served from the store, by
`key_differences` between it and the nearest stored reply. The numbers themselves come from `tapc.plan`; here they meet
the store, its history and the files of the user.
"""
