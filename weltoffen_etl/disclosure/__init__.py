"""Disclosure control: what may be shown of so few people, and what may follow from what is shown."""
