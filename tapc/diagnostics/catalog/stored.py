"""TAP8xx: saved plans, locks, stores, datasets on disk."""

from tapc.diagnostics.codes import Rule, caution, error

RULES: tuple[Rule, ...] = (
    error(
        "TAP811",
        "lock-damaged",
        "A lock file has an invalid line.",
        "A lock next to a spec records the counts of an earlier plan, one line per leaf, and its sums must agree. It may "
        "have been merged or edited by hand.\n\n"
        "Take the version of one side, or delete the file, and write it again with `tapc plan --lock`. Without a lock "
        "the plan follows from the spec alone.",
    ),
    error(
        "TAP812",
        "lock-version",
        "A lock file was written by another version, or is something else.",
        "The first line names the format. tapc cannot follow a lock of another format.\n\n"
        "Delete it and write it again with `tapc plan --lock`; slots of cells whose counts stay the same keep their replies.",
    ),
    caution(
        "TAP813",
        "lock-lost",
        "The last run of a dataset planned with a lock that is gone.",
        "A lock (`SPEC.lock`) keeps the samples of a dataset through edits. Without it the plan follows from the spec "
        "alone, and may plan other samples than the last run, whose replies are then asked again.\n\n"
        "Take it back from git, or from a copy of the spec's folder. To go on without it, look at the requests of "
        "`tapc plan` first: the next run pays for them, and writes a new lock.",
    ),
    error(
        "TAP814",
        "lock-changed",
        "Another process has changed a lock since it was read.",
        "Two runs of one spec may go on at once. A run writes its lock before its first request; if the lock is not the "
        "one that its plan was made with, the plan no longer holds.\n\n"
        "Nothing was sent. Run the same command again: it plans with the lock that is there now.",
    ),
    caution(
        "TAP815",
        "lock-unwritable",
        "A run cannot write its lock.",
        "The folder of the spec, or the lock in it, cannot be written. The run goes on, and its dataset is the same. "
        "Without the lock, a later edit may move more samples than it has to.\n\n"
        "Give write access to the folder, or plan with `--no-lock`.",
    ),
    error(
        "TAP816",
        "lock-headers-differ",
        "A lock counts samples by other names than the spec, or than the other side of a conflict.",
        "The header of a lock names the taxonomy and the mixes that samples are drawn by (`identity`). Where these differ, "
        "no sample of one is a sample of the other, so there is nothing to merge and nothing to keep.\n\n"
        "Of a conflict, take the side whose samples are to stay. If the taxonomy of a spec has a new name, say so with "
        "`moved`, and all samples stay. If it is another taxonomy, delete the lock to begin again; "
        "`tapc diff HEAD:SPEC SPEC --no-lock` shows what that costs.",
    ),
    error(
        "TAP850",
        "store-newer",
        "A store was written by a newer version.",
        "A newer version may store data that this one would lose, so the store is not opened, not even for reading.\n\n"
        "Use the version that wrote it, or another folder with `--store DIR`.",
    ),
    error(
        "TAP851",
        "store-on-network",
        "A store is on a network filesystem.",
        "The store is an SQLite database whose log is shared between processes through memory and locks. These are not "
        "reliable on network filesystems, and a ledger without locks cannot keep a ceiling.\n\n"
        "Put the store on a local disk with `--store DIR`. The spec and the output may stay where they are.",
    ),
    error(
        "TAP852",
        "store-not-usable",
        "A store cannot be opened or written.",
        "This user cannot create, read or write the folder, or it was opened read-only. Check its owner and permissions, "
        "or name another folder with `--store DIR`. `tapc run --offline` only reads, and needs no write access.",
    ),
    error(
        "TAP853",
        "store-damaged",
        "The database of a store is damaged.",
        "Single replies with a wrong checksum are left out, reported and requested again. This is worse: the structure of "
        "the database is broken, a table is missing or contains data that no run has written, or the file is empty, so "
        "its accounts cannot be trusted. A store that does not exist is not an error: it is created.\n\n"
        "Save what can be read with `tapc cache export`, move the folder away, import into a new store, and enter "
        "what was spent with `tapc budget adjust`. Then check the disk.",
    ),
    error(
        "TAP854",
        "disk-full",
        "The disk of the store is full.",
        "No more requests are sent. Stored replies are kept, and tapc reserved a few megabytes so that replies in flight "
        "can still be stored. A request whose reply could not be stored is charged at its worst case.\n\n"
        "Free some space and run the same command again.",
    ),
    error(
        "TAP855",
        "disk-fails",
        "The disk of the store cannot be read or written.",
        "The system reports an input or output error, a file size limit or a quota. No more requests are sent; stored "
        "replies are kept. Check the disk, its space, and the limits of the user (`ulimit -f`, quota).",
    ),
    error(
        "TAP856",
        "store-busy",
        "Another process keeps the store locked.",
        "Runs share a store and lock it for milliseconds at a time. A process that holds the lock for a minute is "
        "suspended or hangs, or another program has opened the database.\n\n"
        "End or resume that process, and run again.",
    ),
    error(
        "TAP857",
        "not-a-store",
        "A file is not a store, or not an export of one.",
        "`store.db` in the folder was made by another program, or the file to import was not written by "
        "`tapc cache export`, is truncated, or contains data that no store writes. Nothing was changed.",
    ),
    error(
        "TAP858",
        "import-too-large",
        "A file to import is larger than allowed.",
        "Imported files are not trusted, so their size and their unpacked size are limited. If you know the file, raise "
        "the limit.",
    ),
    error(
        "TAP859",
        "no-such-account",
        "There is no account with that name, or the amount cannot be booked.",
        "An account belongs to a dataset in a store: renaming the dataset or using another store starts a new one. "
        "`tapc budget show` lists the accounts. The spent amount can be corrected up and down, but not below zero.",
    ),
    error(
        "TAP860",
        "no-store",
        "There is no store in the folder.",
        "Replies and accounts are in the folder `.tapc` of the directory in which a run was started, or in the folder "
        "given by `--store`. Commands that read a store do not create one. Change to that directory, or name the store "
        "with `--store`.",
    ),
    error(
        "TAP861",
        "ledger-disagrees",
        "The tables of a ledger disagree.",
        "The spent amount of each account is stored twice, in the same transaction: in the account and in its "
        "settlement total. If the two differ, one of them was changed by hand, by another program or by a bad disk, "
        "and no run spends on that account: an emptied account would make its whole budget available again.\n\n"
        "`tapc cache verify` lists the differences. `tapc cache verify --mend` takes the larger amount of each account "
        "and records that in the journal; correct it afterwards with `tapc budget adjust` if needed.",
    ),
    error(
        "TAP862",
        "store-stopped",
        "The thread that writes to the store has failed.",
        "An unexpected error occurred there. The run ends; stored replies are kept, and the next run charges open "
        "requests at their worst case.\n\n"
        "Run `tapc cache verify`. If it finds nothing wrong, please report it.",
    ),
    error(
        "TAP870",
        "no-git",
        "Git cannot be run.",
        "Specs of earlier revisions are read with the git command, which must be on PATH; the work tree is not touched. "
        "Two files can be compared without git: `tapc diff old.tap new.tap`.",
    ),
    error(
        "TAP871",
        "no-repository",
        "There is no git repository here.",
        "tapc looks for a revision in the repository that contains the spec. Change to that directory, or compare two "
        "files.",
    ),
    error(
        "TAP872",
        "no-such-revision",
        "The repository has no such revision.",
        "Give a branch, tag, commit or anything else that `git rev-parse` accepts, such as HEAD~1 or main. A clone made "
        "with --depth lacks earlier commits; `git fetch --unshallow` fetches them.",
    ),
    error(
        "TAP873",
        "nothing-to-compare",
        "An argument of `tapc diff` is neither a file nor a file of a revision.",
        "Write `tapc diff A B`, where A and B are files or REV:PATH with a path relative to the top of the repository, or "
        "`tapc diff REV REV PATH`.",
    ),
    error(
        "TAP880",
        "not-a-plan",
        "The file is not a plan written by `tapc plan --out`.",
        "A saved plan is JSON of schema tapc.saved-plan/1. It cannot be edited, since its hash would no longer match. "
        "Write it again with `tapc plan SPEC --out FILE`.",
    ),
    error(
        "TAP881",
        "plan-outdated",
        "The spec, an import, a lock or a price differs from the saved plan.",
        "`tapc run plan.json` runs exactly the plan that was saved, or nothing. The message names what changed. Inspect "
        "it with `tapc plan SPEC`, then save it again with `--out`.",
    ),
    error(
        "TAP882",
        "no-such-job",
        "The plan has no such job or slot.",
        "`--why` takes the first hexadecimal digits of the key of a job, as shown in `provenance` and in messages of a "
        "run, or the rank of a slot (from 0). Only keys of first attempts are known before a run.",
    ),
    error(
        "TAP883",
        "cannot-be-varied",
        "`--what-if` names something that cannot be varied, or a value that it cannot have.",
        "It varies numbers that decide over what is stored: a bound of a `require` (`verdict.overall=3.5..4.5`), the "
        "margin of a pair, a share (`language.en=20%..50%`), the number of samples (`samples=100..1000`). Values are a "
        "range, a list (`3.5,4,4.5`) or both, in the unit that the spec uses.",
    ),
    error(
        "TAP890",
        "not-a-dataset",
        "The folder is not a dataset that this version of tapc can read.",
        "`tapc export` reads the folder that `tapc run` wrote, `out/NAME`, by its `manifest.json`. A newer version of tapc "
        "may write other manifests; upgrade tapc to read them.",
    ),
    error(
        "TAP891",
        "dataset-changed",
        "Files of a dataset are missing or were changed.",
        "`manifest.json` lists the data files with their hashes; what differs is not what tapc made, and is not exported "
        "as if it were. Run the spec again: replies that are stored are not asked again. To train on edited rows, use "
        "them without tapc.",
    ),
    error(
        "TAP892",
        "nothing-to-export",
        "The target has no form for the rows of a config, or there is no such target or config.",
        "What an export can take follows from the columns of the rows: conversations (`emit sft`), pairs (`emit "
        "preference`, and `emit reward` from a pair), labeled answers (`emit kto`), prompts (`emit prompts`, `emit rl`). "
        "No trainer reads `records`, `rejects` and answers with a score; emit pairs instead of scores. Without "
        "`--config`, configs that the target cannot train on are left out.",
    ),
    error(
        "TAP893",
        "export-would-lose",
        "A row has something that the target has no place for.",
        "The message names the first such row. An export drops nothing that a model would learn from, such as a "
        "reasoning, and writes nothing that the target would skip or read as something else, such as turns that do not "
        "alternate. Change the emit (`reasoning inline`), leave the config out, or choose another target.",
    ),
    caution(
        "TAP894",
        "export-unusable",
        "The target may refuse what was exported, or it is of no use for training.",
        "The export was written. The target asks for more rows than there are, has no reward function for a "
        "`data_source`, or expects two labels where there is one; or the texts are simulated.",
    ),
    error(
        "TAP895",
        "reply-not-recorded",
        "A recording does not have every reply that the spec asks for.",
        "`tapc test` answers requests from `tests/NAME.replies` next to the spec. A changed prompt, model or parameter "
        "asks something that was not recorded. Run the spec, then write the recording again: "
        "`tapc cache export --recording SPEC`.",
    ),
    error(
        "TAP896",
        "test-ended-short",
        "A spec that was tested ended with fewer samples than planned.",
        "Too many candidates were rejected, or a config has no row. `expect { short <= 1% }` says how many samples may be "
        "missing; simulated models do not fit every check, so record replies of real ones.",
    ),
)
