"""The same job for many tickers: in this process, in several, or on a Dask cluster."""
