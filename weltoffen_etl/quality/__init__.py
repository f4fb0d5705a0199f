"""Great Expectations suites from the catalogue, the gate, and what it keeps back."""
