"""Tells the senders and the operator what a run found: messages, outbox, dispatch."""
