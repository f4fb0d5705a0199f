"""The overview of data quality for evaluators, over all municipalities."""
