"""`python -m benchmarks.pretrained FOLDER`: train the model that comes with the program.

FOLDER has daily prices, a `.csv` or `.csv.gz` a ticker, with open, high, low and close. The same
files give the same bytes on the same kind of processor. docs/pretrained.md is its model card.
"""

from __future__ import annotations

import gzip
import sys
import tempfile
from pathlib import Path

from stockcast.model.pretrained import PRETRAINED
from stockcast.recipe import load_recipe
from stockcast.workflows.policies import PublishPolicy
from stockcast.workflows.training import train_pooled

RECIPE = load_recipe(
    "pooled",
    {
        "layers": 2,
        "units": 32,
        "dropout": 0.1,
        "epochs": 40,
        "patience": 8,
        "epoch_windows": 50_000,
        "validation": 0.1,
        "test": 0,
    },
)


def main() -> None:
    """Train it and put it in its place."""
    if len(sys.argv) != 2:
        sys.exit("usage: python -m benchmarks.pretrained FOLDER")
    with tempfile.TemporaryDirectory() as folder:
        files = unpack(Path(sys.argv[1]), Path(folder))
        result = train_pooled(files, RECIPE, PRETRAINED, policy=PublishPolicy(keep=0))
    model = result.model
    print(f"{model.name}: epoch {model.provenance.best_epoch}, {model.provenance.shrinkage}")


def unpack(source: Path, folder: Path) -> list[Path]:
    """Copy price files, unpacked, in the order of their names."""
    files = sorted([*source.glob("*.csv"), *source.glob("*.csv.gz")])
    if not files:
        sys.exit(f"{source} has no .csv or .csv.gz file")
    found = []
    for file in files:
        place = folder / file.name.removesuffix(".gz")
        content = file.read_bytes()
        place.write_bytes(gzip.decompress(content) if file.suffix == ".gz" else content)
        found.append(place)
    return found


if __name__ == "__main__":
    main()
