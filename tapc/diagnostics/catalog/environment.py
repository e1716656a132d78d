"""TAP9xx: the environment, endpoints and files of a run."""

from tapc.diagnostics.codes import Rule, caution, error

RULES: tuple[Rule, ...] = (
    error(
        "TAP901",
        "missing-variable",
        "An environment variable that an endpoint needs is not set.",
        'Keys, URLs and headers written as env("NAME") are read when a run starts. Without a value nothing is '
        "sent: the name of the variable is never used in place of its value. Export the variable; a "
        '`url` may also name a default: env("NAME", "http://localhost:8000/v1"). An empty value counts as missing.',
    ),
    error(
        "TAP902",
        "unsendable-value",
        "A key, header or URL contains characters that HTTP cannot carry.",
        "Values of headers and URLs are printable ASCII. The usual reasons are a newline at the end of a key file, a"
        " typographic quote or a non-breaking space. White space around a value is removed before it is checked.",
    ),
    error(
        "TAP903",
        "not-a-url",
        "The address of an endpoint is not a usable URL.",
        "An address has a scheme (http or https), a host, perhaps a port, a path (usually /v1) and perhaps a "
        "query, as Azure's version: https://NAME.openai.azure.com/openai/deployments/MODEL?api-version=…. IPv6 "
        "addresses are written in brackets.",
    ),
    error(
        "TAP904",
        "not-authorised",
        "The endpoint does not accept the key.",
        "The server answered 401 or 403. Nothing was charged: tapc tests the key with a request for the list of models"
        " before the first job, and with the first job itself, which runs alone. Check the value of the environment"
        " variable that the finding names, and whether the key may use the model.",
    ),
    error(
        "TAP905",
        "unreachable",
        "The endpoint cannot be reached.",
        "The name does not resolve, the connection is refused, TLS fails, or the server accepts the connection and does"
        " not answer. A server that is starting gets ten seconds. During a run, tapc gives up an endpoint that has never"
        " answered after silence of twice its `transport { timeout }` (120 s by default), or after broken connections"
        " for as long, at least 10 s and at most 60 s; one that has answered before, after 5 minutes without a reply."
        " If replies arrive too late, try `limit { concurrency N }` or a longer `timeout`. Endpoints at one server are"
        " reported together. Stored replies are kept, and the same command continues later. Proxies named in the"
        " environment (HTTPS_PROXY) are not used.",
    ),
    error(
        "TAP906",
        "no-such-model",
        "The endpoint has no such route or model.",
        "The server answered 404 or 405. Either the address is wrong (it usually ends in /v1), or the server does"
        " not know the model under this name. `tapc doctor` shows the models it lists.",
    ),
    error(
        "TAP907",
        "redirected",
        "The endpoint redirects to another address.",
        "Redirects are not followed, because the key would be sent to the new address. Write that address in the spec.",
    ),
    error(
        "TAP908",
        "bound-exceeded",
        "An endpoint used more tokens than a request may use at most.",
        "tapc keeps ceilings by reserving the worst case of each request: the bytes of its messages and schema, the"
        " overhead of the endpoint, and its token limit. An endpoint that reports more does not honor the limit it was"
        " sent, or its chat template adds more than the overhead. The reported usage is charged, the endpoint is stopped,"
        " and the run ends with exit code 5. Raise `overhead`, or name the limit field it honors with `token_field`.",
    ),
    error(
        "TAP910",
        "endpoint-failing",
        "The endpoint fails every request.",
        "It answers with errors that may be temporary, and with no success: for 5 minutes if it asks to wait (429, 503) or"
        " has answered before, otherwise for twice its `transport { timeout }`, at least 10 s and at most 60 s. Stored"
        " replies are kept; run the same command again when the endpoint works.",
    ),
    error(
        "TAP911",
        "no-credit",
        "The account at the provider is out of credit.",
        "The error says that the quota or the credit is used up, and waiting does not help. Raise the limit at the"
        " provider, then run the same command again.",
    ),
    error(
        "TAP912",
        "requests-refused",
        "The endpoint refuses every request.",
        "The first requests (sixteen, or all of a smaller run) were answered with 400 or 422. Common reasons are an"
        " unknown parameter, a prompt longer than the context, or a model that does not accept system messages."
        " `tapc doctor` sends the parameters of each step once and shows which are refused.",
    ),
    error(
        "TAP913",
        "usage-without-price",
        "A reply reports something that the endpoint's price does not cover.",
        "It reports tokens written to a prompt cache, or a service tier more expensive than standard (the default of a"
        " project may be `priority`). They are charged at the highest known price: twice the input price for writes, 2.5"
        " times for `priority`, 6 times for an unknown tier. Without a ceiling on cost this is reported once and the run"
        " continues; under one the endpoint is stopped, since the ceiling could not be kept, and the run ends with exit"
        " code 5. State the price in `price { … }`: `cache_write`, or `priority 200%`.",
    ),
    error(
        "TAP916",
        "unreadable-replies",
        "No answer of the endpoint can be read as a reply.",
        "The first answers had a success status and no completion: a web page, the format of another API, or an"
        " unrequested compression. Each was charged at its worst case, since it may have been billed, so the endpoint is"
        " stopped. tapc reads compressed JSON (gzip, deflate, zstd), JSON behind an anti-hijacking prefix, and event"
        " streams. Check the address; `tapc doctor` shows the answer to one request.",
    ),
    caution(
        "TAP917",
        "unknown-finish-word",
        "An endpoint ends replies with an unknown `finish_reason`.",
        "`finish_reason` says whether a text is complete. tapc knows the values of many providers (`tapc explain length`"
        " lists those that mean a truncated text); a text with an unknown value counts as complete if it is not empty."
        " The value is stored with the reply. Please report what it means, so that the table can be extended.",
    ),
    error(
        "TAP920",
        "folder-in-use",
        "The output folder cannot be used.",
        "The folder of a dataset is replaced as a whole. So tapc uses only an empty folder, or one that it made for the"
        " same dataset (its manifest.json says so), which it can list and write, and follows no links. Other files in the"
        " folder are kept, unless the dataset writes a file of the same name. Move such a file, or choose another folder"
        " with --out.",
    ),
    error(
        "TAP921",
        "interrupted",
        "The run was interrupted twice, before the dataset was written.",
        "Replies that arrived are in the store and are not requested again; requests in flight are charged at their worst"
        " case, since it is unknown whether they were billed. The same command continues from there.",
    ),
    error(
        "TAP922",
        "system-refused",
        "The operating system rejected an operation, such as writing to a full disk.",
        "The last complete version of the dataset and all stored replies are kept. Free some space, or do what the message"
        " asks for, and run the same command again.",
    ),
    error(
        "TAP923",
        "unreadable-file",
        "A file given on the command line cannot be read.",
        "It does not exist, is a folder, is larger than a spec can be, or is not readable by you. Check the path.",
    ),
    error(
        "TAP924",
        "unwritable-file",
        "A file cannot be written.",
        "Specs, locks and exports are written to a temporary file that then replaces the old one, so the old file is"
        " unchanged. Check the folder, its owner and permissions, and the space on the disk.",
    ),
    error(
        "TAP925",
        "file-exists",
        "The file to write already exists.",
        "A new spec or an export never replaces an existing file. Choose another name, or move the old file away;"
        " `tapc cache export --force` replaces an older export.",
    ),
    error(
        "TAP926",
        "no-such-starter",
        "There is no starter spec with that name, or the new name is not valid for a dataset.",
        "`tapc new NAME --from STARTER` copies one of the specs that ship with tapc under a new name. Names begin with a"
        " letter or underscore, followed by letters, digits, underscores and single hyphens.",
    ),
    error(
        "TAP929",
        "simulation-settings",
        "The environment variable TAPC_SIM cannot be read.",
        "It contains settings of the embedded simulated endpoint that do not change its replies, such as"
        " `latency=0.2,rate_429=1%`. Settings that change replies belong in `extra { sim { … } }` of the endpoint.",
    ),
    caution(
        "TAP930",
        "model-not-listed",
        "The endpoint's list of models does not name the model.",
        "Found by `tapc doctor`. Some servers accept names they do not list (aliases, dated versions), so a run continues;"
        " if its first request is answered with 404, the name is wrong.",
    ),
    caution(
        "TAP931",
        "model-served-from-another",
        "The server says that it serves another model under this name.",
        "Found by `tapc doctor`. Servers such as vLLM report which model a name stands for. Stored replies are found by the"
        " name (or by the `identity` and `revision` of the endpoint), so change `revision` when the model changes.",
    ),
    caution(
        "TAP932",
        "parameter-ignored",
        "A parameter was accepted and had no effect.",
        "Found by `tapc doctor`: fewer completions than `n`, a text that runs past `stop`, or two different replies to the"
        " same request with the same `seed`. A parameter without effect only makes keys differ; remove it.",
    ),
    caution(
        "TAP933",
        "usage-not-reported",
        "The endpoint does not report what a request used.",
        "Found by `tapc doctor`. Budgets still hold: each request is charged at its worst case, and shown as estimated. A"
        " cap is therefore reached long before the money is actually spent.",
    ),
    caution(
        "TAP934",
        "structured-output-weak",
        "The endpoint does not support structured output, or its reply does not meet the schema.",
        "Found by `tapc doctor`. If `response_format` is refused, the schema goes into the prompt; every reply is validated"
        " in either case, and one that does not match its schema uses up an attempt.",
    ),
    caution(
        "TAP936",
        "limit-field-refused",
        "The endpoint refuses the name under which the output limit is sent.",
        "Found by `tapc doctor`. Newer OpenAI models accept `max_completion_tokens` and refuse `max_tokens`, others the"
        " reverse. At the first refusal, a run sends the limit under the other name; `token_field` in the endpoint saves"
        " that request. It is part of the key under which a reply is stored, so write it before the first run.",
    ),
    caution(
        "TAP935",
        "sample-reply-unusable",
        "The reply to a sample request could not be used.",
        "Found by `tapc doctor`: the text ended at the token limit, or repeated the key of the request. One reply proves"
        " little, but a step whose replies are truncated wastes money.",
    ),
    error(
        "TAP927",
        "programs-not-allowed",
        "The spec runs programs, and that was not allowed.",
        "`score … run [ … ]` and `require run [ … ]` start programs with your permissions. A spec may come from anywhere,"
        " so `tapc run` starts them only with --allow-run; check, plan and graph never do. Earlier answers of programs are"
        " in the store and are used without starting them: `--offline` needs no permission.",
    ),
    error(
        "TAP938",
        "secret-in-output",
        "A file of the dataset would contain a key that the run read from the environment.",
        "Replies and answers of programs that contain a key are rejected as `leak` when they arrive, so the key can only"
        " come from the spec or an input file, and it was part of prompts. The run stops; the last complete version of the"
        " dataset and all stored replies are kept. Remove the key from the file, and revoke it.",
    ),
    error(
        "TAP940",
        "too-few-pass",
        "Too few samples pass for the reserve to replace the others; the brake stopped the run.",
        "A cell with 10 planned samples and a reserve of 5 needs 10 of 15 to pass. If so many are rejected that this cannot"
        " come about, more requests only cost money: a wrong `extract`, a check that nothing meets, a judge whose replies"
        " cannot be read. The test is sequential: it looks at the samples in order of rank, at any time, and stops at most"
        " one of 2,000 plans whose samples would pass often enough. It asks for half of the samples at most, whatever the"
        " reserve, and counts no failure of an endpoint. The finding shows what rejects, the first rejected texts, and what"
        " was spent. Stored replies are kept: after an edit, only what changed is asked again; without one, the run stops"
        " at once and sends nothing. `tapc run --no-brake` goes on in any case; `--offline` has no brake, and a dataset"
        " is the same with and without it.",
    ),
)
