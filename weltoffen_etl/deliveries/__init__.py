"""What arrived: inbox, what its folders say, intake, archive."""
