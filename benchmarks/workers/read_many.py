"""The rival of `predict-many`: read every price file with pandas, and do no more."""

import sys
from pathlib import Path

import pandas as pd

for path in sorted(Path(sys.argv[1]).glob("*.csv")):
    pd.read_csv(path, parse_dates=["Date"])
