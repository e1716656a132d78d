"""Loads datasets as their users do, by any version of `datasets`: `python loading.py CACHE FOLDER…`, JSON on stdout.

It imports nothing of tapc, so that it runs in an environment that has only `datasets`.
"""

import json
import os
import sys


def main() -> None:
    cache, *folders = sys.argv[1:]
    os.environ |= {"HF_DATASETS_CACHE": cache, "HF_HOME": cache, "HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1"}
    import datasets

    datasets.disable_progress_bars()
    found = {"version": datasets.__version__, "rows": {}, "streamed": {}, "default": {}, "features": {}}
    for folder in folders:
        found["rows"][folder], found["streamed"][folder], found["features"][folder] = {}, {}, {}
        for config in datasets.get_dataset_config_names(folder):
            loaded = datasets.load_dataset(folder, config)
            found["rows"][folder][config] = {split: list(rows) for split, rows in loaded.items()}
            found["features"][folder][config] = [str(rows.features) for rows in loaded.values()]
            streamed = datasets.load_dataset(folder, config, streaming=True)
            found["streamed"][folder][config] = {split: list(rows) for split, rows in streamed.items()}
        default = datasets.load_dataset(folder)
        found["default"][folder] = {split: list(rows) for split, rows in default.items()}
    json.dump(found, sys.stdout)


main()
