"""The command line for evaluators: its commands, its completion, its two languages."""
