"""Errors of the kinds that real exports have, put into real exports where nobody else is to blame."""
