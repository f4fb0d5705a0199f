"""The comparison report: a static site in the release, for evaluators, without any ranking."""
