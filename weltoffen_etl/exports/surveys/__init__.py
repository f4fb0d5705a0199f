"""Grids → survey tables: one module per survey tool, then `binding` to a questionnaire."""
