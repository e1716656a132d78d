"""TAP9xx: what a run meets outside the spec."""

from tapc.diagnostics.codes import Rule, error, warning

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
        "A key, header or URL holds characters that HTTP cannot carry.",
        "Values of headers and URLs are printable ASCII. A line end at the end of a key file, a typographic quote"
        " or a space that does not break are the usual reasons. White space around a value is removed before it "
        "is checked.",
    ),
    error(
        "TAP903",
        "not-a-url",
        "An endpoint's address is not a URL that can be asked.",
        "An address has a scheme (http or https), a host, perhaps a port, a path (usually /v1) and perhaps a "
        "query, as Azure's version: https://NAME.openai.azure.com/openai/deployments/MODEL?api-version=…. IPv6 "
        "addresses stand in brackets.",
    ),
    error(
        "TAP904",
        "not-authorised",
        "The endpoint does not accept the key.",
        "The server answered 401 or 403. Nothing was paid for: the key is tried by a request for the list of "
        "models before the first job, and by the first job itself, which runs alone. Check the value of "
        "the environment variable that the finding names, and whether the key may use the model.",
    ),
    error(
        "TAP905",
        "unreachable",
        "The endpoint cannot be reached.",
        "The name does not resolve, the connection is refused, TLS fails, or the server takes the connection and "
        "does not answer. A server that is starting is given ten seconds. During a run, an endpoint that has never "
        "answered is given up after twice its `transport { timeout }` (120 s unless stated) of silence, or of broken "
        "connections for as long, at least 10 s and at most 60 s; one that has answered before, after 5 minutes "
        "without a reply. Where replies came too late, `limit { concurrency N }` or a longer `timeout` helps. Endpoints at one "
        "server are named together. What is stored stays, and the same command goes on later. "
        "Proxies named in the environment (HTTPS_PROXY) are not used.",
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
        "Redirects are not followed, because the key would travel along. Write the address it redirects to.",
    ),
    error(
        "TAP908",
        "bound-exceeded",
        "An endpoint used more tokens than a request may use at most.",
        "Ceilings are promised by holding each request's worst case: bytes of its messages and schema, the "
        "endpoint's overhead, and its token limit. An endpoint that reports more does not honour the limit it was"
        " sent, or its chat template adds more than its overhead. What it reported is charged, the endpoint is "
        "stopped, and the run ends with exit code 5. Raise `overhead`, or name the field of the limit it honours "
        "with `token_field`.",
    ),
    error(
        "TAP909",
        "batch-not-supported",
        "`mode batch` is not supported yet.",
        "Batch mode is planned. Job keys do not depend on the mode, so replies made online now will serve then.",
    ),
    error(
        "TAP910",
        "endpoint-failing",
        "The endpoint fails every request.",
        "It answers, but with errors that may pass, without one success: for 5 minutes where it asks to wait (429, 503) "
        "or has answered before, else for twice its `transport { timeout }`, at least 10 s and at most 60 s. What is "
        "stored stays; run the same command again when it is well.",
    ),
    error(
        "TAP911",
        "no-credit",
        "The account at the provider is out of credit.",
        "The answer says that the quota or the credit is used up, which waiting does not change. Raise the limit "
        "at the provider, then run the same command again.",
    ),
    error(
        "TAP912",
        "requests-refused",
        "The endpoint refuses every request.",
        "The first requests were all answered with 400 or 422 (sixteen, or all there were in a smaller run): a parameter"
        " it does not know, a prompt longer than its context, or a model that takes no system message are common "
        "reasons. `tapc doctor` sends each step's parameters once and shows which are refused.",
    ),
    error(
        "TAP913",
        "usage-without-price",
        "A reply reports something that the endpoint's price does not cover.",
        "Tokens written to a prompt cache, or a service tier dearer than standard (a project's default may be"
        " `priority`). What is reported is charged at the dearest price known: twice the input price for writes, 2.5"
        " times for `priority`, 6 times for a tier nobody knows. Without a ceiling on cost this is said once and the"
        " run goes on; under one the endpoint is stopped, since no ceiling can be promised, and the run ends with exit"
        " code 5. State it in `price { … }`: `cache_write`, or `priority 200%`.",
    ),
    error(
        "TAP916",
        "unreadable-replies",
        "Nothing that the endpoint answers can be read as a reply.",
        "The first answers had a status of success and no completion in them: a page for people, another API's format, "
        "a compression that was not asked for. Each was charged at its worst case, since it may have been billed, so the"
        " endpoint is stopped. Compressed JSON (gzip, deflate, zstd), a guard before the JSON and events of a stream are"
        " read. Check the address; `tapc doctor` shows what one request is answered with.",
    ),
    warning(
        "TAP917",
        "unknown-finish-word",
        "An endpoint ends replies by a word that is not known.",
        "`finish_reason` says whether a text is complete. tapc knows the words of many providers (`tapc explain length` "
        "lists those that mean a cut text); a text that ends by another word is taken as complete if it is not empty. "
        "The word is stored with the reply. Tell us what it means, so that the table can be extended.",
    ),
    error(
        "TAP920",
        "folder-in-use",
        "The output folder cannot be used.",
        "A dataset's folder is replaced as a whole, so tapc only touches a folder that it made for the same dataset (its "
        "manifest.json says so) or an empty one, in a place it can list and write, and follows no link. What others put "
        "there is kept; only what stands where the dataset writes a file of its own is in the way. Move it, or choose "
        "another place with --out.",
    ),
    error(
        "TAP921",
        "interrupted",
        "The run was interrupted twice, before the dataset was written.",
        "Replies that arrived are in the store and will not be asked again; what was in flight is charged at its worst "
        "case, since nobody knows whether it was billed. The same command goes on from there.",
    ),
    error(
        "TAP922",
        "system-refused",
        "The operating system refused something, such as writing to a full disk.",
        "The last complete version of the dataset still stands, and replies that were stored are kept. Make room, or "
        "whatever the message asks for, and run the same command again.",
    ),
    error(
        "TAP923",
        "unreadable-file",
        "A file given on the command line cannot be read.",
        "It does not exist, is a folder, is larger than a spec can be, or may not be read by you. Check the path.",
    ),
    error(
        "TAP924",
        "unwritable-file",
        "A file cannot be written.",
        "Specs, locks and exports are written beside their place and put there as a whole, so that what stood there "
        "before still stands. Check the folder, its owner and permissions, and the space on the disk.",
    ),
    error(
        "TAP925",
        "file-exists",
        "A file is in the way.",
        "A new spec or an export never replaces a file that is there already. Choose another name, or move the old "
        "file away; `tapc cache export --force` replaces an older export.",
    ),
    error(
        "TAP926",
        "no-such-starter",
        "There is no starter spec of that name, or a dataset cannot have the name asked for.",
        "`tapc new NAME --from STARTER` copies one of the specs that ship with tapc under a new name. Names begin with "
        "a letter or underscore and go on with letters, digits, underscores and single hyphens.",
    ),
    error(
        "TAP929",
        "simulation-settings",
        "The environment variable TAPC_SIM cannot be read.",
        "It holds settings of the embedded simulated endpoint that do not change what it says, such as "
        "`latency=0.2,rate_429=1%`. Settings that change content stand in the endpoint's `extra { sim { … } }`.",
    ),
    warning(
        "TAP930",
        "model-not-listed",
        "The endpoint's list of models does not name the model.",
        "Found by `tapc doctor`. Some servers accept names they do not list (aliases, dated versions), so a run goes "
        "ahead; if its first request is answered with 404, the name is wrong.",
    ),
    warning(
        "TAP931",
        "model-served-from-another",
        "The server says that it serves another model under this name.",
        "Found by `tapc doctor`. Servers such as vLLM tell what stands behind a name. Stored replies count by the name "
        "(or the endpoint's `identity` and `revision`), so when what stands behind it changes, say so with `revision`.",
    ),
    warning(
        "TAP932",
        "parameter-ignored",
        "A parameter was accepted and had no effect.",
        "Found by `tapc doctor`: fewer completions than `n`, a text that runs past `stop`, or two different replies to "
        "the same request with the same `seed`. What has no effect only makes keys differ; leave it out.",
    ),
    warning(
        "TAP933",
        "usage-not-reported",
        "The endpoint does not report what a request used.",
        "Found by `tapc doctor`. Budgets hold all the same: each request is charged at its worst case, and shown as "
        "estimated. A cap will therefore be reached long before the money is really spent.",
    ),
    warning(
        "TAP934",
        "structured-output-weak",
        "The endpoint does not support structured output, or its reply does not meet the schema.",
        "Found by `tapc doctor`. Where `response_format` is refused, the schema goes into the prompt; every reply is "
        "validated in either case, and one that does not meet its schema uses up an attempt.",
    ),
    warning(
        "TAP936",
        "limit-field-refused",
        "The endpoint refuses the name under which the output limit is sent.",
        "Found by `tapc doctor`. Newer OpenAI models take `max_completion_tokens` and refuse `max_tokens`, others the "
        "reverse. A run notices at the first refusal and sends the limit under the other name; `token_field` in the "
        "endpoint spares that request. It is part of what a reply is stored under, so write it before the first run.",
    ),
    warning(
        "TAP935",
        "sample-reply-unusable",
        "The reply to a sample request could not be used.",
        "Found by `tapc doctor`: the text ended at the token limit, or repeated the key it was asked with. One reply is "
        "no measurement, but a step whose replies are cut is paid for in vain.",
    ),
    error(
        "TAP927",
        "programs-not-allowed",
        "The spec runs programs, and that was not allowed.",
        "`score … run [ … ]` and `require run [ … ]` start programs with your rights. A spec may come from anywhere, so"
        " `tapc run` starts them only with --allow-run; check, plan and graph never do. What they answered before is in"
        " the store, and serves without them: `--offline` needs no permission.",
    ),
    error(
        "TAP938",
        "secret-in-output",
        "A file of the dataset would hold a key that the run read from the environment.",
        "Replies and answers of programs that hold a key are turned down as `leak` where they come in, so it can only"
        " come from the spec or an input file, and it was part of prompts. The run stops, the last complete version of"
        " the dataset stands, and replies that were stored are kept. Remove the key there, and revoke it.",
    ),
)
