"""Export + instrument → responses, answers, contributions, each with its evidence.

Nothing is judged here: what looks wrong is kept as evidence in its own column, and the
rules of the quality room decide.
"""
