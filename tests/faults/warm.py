"""Imports what a night imports, so that forked nights need not; opens nothing."""

import great_expectations  # noqa: F401
import scipy.optimize  # noqa: F401

import pipelines.run  # noqa: F401
import weltoffen_etl.disclosure.pattern
import weltoffen_etl.quality.judgement  # noqa: F401
