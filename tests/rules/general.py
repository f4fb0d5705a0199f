"""The broken file of every general rule, by rule."""

from tests.rules import general_files, general_places, general_tables, general_workshops
from tests.rules.fixture import Fixture

FIXTURES: dict[str, Fixture] = {
    **general_places.FIXTURES,
    **general_files.FIXTURES,
    **general_tables.FIXTURES,
    **general_workshops.FIXTURES,
}
