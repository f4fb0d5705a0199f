"""Recipes that lie in each release: the same small question in Python, R, Excel and DBeaver."""
