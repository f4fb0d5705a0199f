"""What evaluators ask of a published release from the command line: SQL, peers, what a table means."""
