"""Assets in the order of the data: deliveries, stage, tables, release, notices."""
