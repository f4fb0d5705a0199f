"""What a night can meet: kills, full disks, damaged files, several starts at once."""
