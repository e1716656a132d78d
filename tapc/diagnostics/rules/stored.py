"""TAP8xx: saved plans, locks, stores."""

from tapc.diagnostics.codes import Rule, error

RULES: tuple[Rule, ...] = (
    error(
        "TAP811",
        "lock-damaged",
        "A lock file has a line that makes no sense.",
        "A lock beside a spec records the counts of an earlier plan, one line a leaf, and its sums must agree. It may "
        "have been merged or edited by hand.\n\n"
        "Take the version of one side, or delete the file, and write it anew with `tapc plan --lock`. Without a lock "
        "the plan follows from the spec alone.",
    ),
    error(
        "TAP812",
        "lock-version",
        "A lock file was written by another version, or is something else.",
        "The first line names the format. A lock of another format cannot be kept to.\n\n"
        "Write it anew with `tapc plan --lock`; slots of cells whose counts stay the same keep their replies.",
    ),
    error(
        "TAP850",
        "store-newer",
        "A store was written by a newer version.",
        "A newer version may keep things that this one would lose, so the store is not opened, not even to read.\n\n"
        "Use the version that wrote it, or another folder with `--store DIR`.",
    ),
    error(
        "TAP851",
        "store-on-network",
        "A store lies on a network filesystem.",
        "The store is an SQLite database whose log is shared between processes through memory and locks. On network "
        "filesystems these do not hold, and a ledger without locks cannot keep a ceiling.\n\n"
        "Put the store on a local disk with `--store DIR`. The spec and the output may stay where they are.",
    ),
    error(
        "TAP852",
        "store-not-usable",
        "A store cannot be opened or written.",
        "The folder cannot be made, read or written by this user, or it was opened to be read only. Check its owner "
        "and permissions, or name another folder with `--store DIR`. Reading alone needs no write access: "
        "`tapc run --offline`.",
    ),
    error(
        "TAP853",
        "store-damaged",
        "A store's database is damaged.",
        "Single replies whose checksum does not hold are left out, reported and asked again. This is worse: the "
        "structure of the database does not hold, a table is missing or holds what no run has written, or the file is "
        "empty, so neither do its accounts. A store that is simply not there is no error: it is made anew.\n\n"
        "Save what can be read with `tapc cache export`, move the folder away, import into a new store, and enter "
        "what was spent with `tapc budget adjust`. Then check the disk.",
    ),
    error(
        "TAP854",
        "disk-full",
        "The disk of the store is full.",
        "Nothing more is sent. Everything answered before is kept, and a few megabytes were set aside so that replies "
        "in flight can still be stored. A request whose reply found no room is charged at its worst case.\n\n"
        "Free some space and run the same command again.",
    ),
    error(
        "TAP855",
        "disk-fails",
        "The disk of the store does not write or read.",
        "The system reports an input or output error, a file size limit or a quota. Nothing more is sent; everything "
        "answered before is kept. Check the disk, its space, and the limits of the user (`ulimit -f`, quota).",
    ),
    error(
        "TAP856",
        "store-busy",
        "Another process keeps the store locked.",
        "Runs share a store and take turns of milliseconds. A process that keeps its turn for a minute is suspended or "
        "hangs, or another program has opened the database.\n\n"
        "End or continue that process, and run again.",
    ),
    error(
        "TAP857",
        "not-a-store",
        "A file is not a store, or not an export of one.",
        "`store.db` in the folder was made by another program, or the file to import was not written by "
        "`tapc cache export`, is cut short, or holds what no store could have written. Nothing was changed.",
    ),
    error(
        "TAP858",
        "import-too-large",
        "A file to import is larger than allowed.",
        "Imported files are not trusted, so their size and the size of what they unpack to are bounded. If you know "
        "the file, raise the limit.",
    ),
    error(
        "TAP859",
        "no-such-account",
        "No account of that name, or an amount that cannot be booked.",
        "The account is that of a dataset in a store: renaming the dataset or using another store starts a new one. "
        "`tapc budget show` lists the accounts. What is spent can be corrected up and down, but not below zero.",
    ),
    error(
        "TAP860",
        "no-store",
        "There is no store in the folder.",
        "Replies and accounts live in `.tapc` beside the place a run was started from, or wherever `--store` said. "
        "Commands that look into a store do not make one. Change to that folder, or name the store with `--store`.",
    ),
    error(
        "TAP861",
        "ledger-disagrees",
        "A ledger's tables do not agree with each other.",
        "What every account has spent is summed twice, in the same transaction: once in the account, once in its "
        "settlement total. Where the two differ, one of them was changed by hand, by another program or by a bad disk, "
        "and no run spends on that account: an emptied account would open its whole budget again.\n\n"
        "`tapc cache verify` lists what disagrees. `tapc cache verify --mend` takes the larger figure of each account "
        "and notes it in the journal; correct it afterwards with `tapc budget adjust` if you know better.",
    ),
    error(
        "TAP862",
        "store-stopped",
        "The part of a run that writes to the store has failed.",
        "Something went wrong there that nobody thought of. The run ends; what was answered before is kept, and requests "
        "still open are charged at their worst case by the next run.\n\n"
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
        "A revision is looked for in the repository that holds the spec. Go there, or compare two files.",
    ),
    error(
        "TAP872",
        "no-such-revision",
        "The repository has no such revision.",
        "A branch, tag, commit or anything else that `git rev-parse` takes, such as HEAD~1 or main. A clone made with "
        "--depth lacks earlier commits; `git fetch --unshallow` brings them.",
    ),
    error(
        "TAP873",
        "nothing-to-compare",
        "What is to be compared is neither a file nor a file of a revision.",
        "`tapc diff A B`, where A and B are files or REV:PATH with the path counted from the top of the repository, or "
        "`tapc diff REV REV PATH`.",
    ),
    error(
        "TAP880",
        "not-a-plan",
        "The file is no plan that `tapc plan --out` has written.",
        "A saved plan is JSON of schema tapc.saved-plan/1. It is not made to be edited: its hash would no longer hold. "
        "Write it anew with `tapc plan SPEC --out FILE`.",
    ),
    error(
        "TAP881",
        "plan-outdated",
        "The spec, an import, a lock or a price is not as the saved plan has it.",
        "`tapc run plan.json` runs exactly the plan that was saved, or nothing. The message names what changed. Look at "
        "it with `tapc plan SPEC`, then save it anew with `--out`.",
    ),
    error(
        "TAP882",
        "no-such-job",
        "The plan has no such job or slot.",
        "`--why` takes the beginning of a job's key in hexadecimal digits, as in `provenance` and in messages of a run, "
        "or a slot as its rank (from 0). Only keys of first attempts are known before a run.",
    ),
)
