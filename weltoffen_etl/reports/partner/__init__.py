"""The report that a municipality gets: what arrived, what was noticed, what to do."""
