# Beantwortet die Frage der Rezepte mit DuckDB: install.packages("duckdb")
library(DBI)

here <- dirname(normalizePath(sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE))))
con <- dbConnect(duckdb::duckdb(), file.path(here, "..", "weltoffen.duckdb"), read_only = TRUE)
sql <- paste(readLines(file.path(here, "answer.sql"), encoding = "UTF-8"), collapse = "\n")
found <- dbGetQuery(con, sql)
dbDisconnect(con, shutdown = TRUE)

write.table(found, sep = "\t", quote = FALSE, row.names = FALSE, na = "", fileEncoding = "UTF-8")
