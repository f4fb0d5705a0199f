"""A release in the browser of this machine: its pages, and the engine that answers SQL in them."""
