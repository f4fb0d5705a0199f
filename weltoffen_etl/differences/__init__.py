"""What differs between two releases, by table, municipality and value, and why."""
