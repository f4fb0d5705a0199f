"""The same tables made with other tools, each in an environment of its own."""
