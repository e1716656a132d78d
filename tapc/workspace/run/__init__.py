"""What `tapc run` does: everything between a plan and a dataset folder.

`execution` opens the store and the folder, puts the session, the dispatcher, the runner of programs and the writer
together, and lets them go in the right order. `report` holds the options of a run and what it reports. `give_up`
sits between dispatcher and session if jobs that cannot be answered are to be given up for good. `braking` says what
the brake saw, and where the reason lies; `locking` writes the lock of the plan first, and misses one that was lost.
The engine (`tapc.engine`) knows neither endpoints nor files; this package introduces them to each other.
"""
