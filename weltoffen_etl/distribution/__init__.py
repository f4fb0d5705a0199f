"""The forms in which a release is handed out: files for R, Excel and machines, licence, citation."""
