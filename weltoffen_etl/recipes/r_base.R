# Beantwortet die Frage der Rezepte mit R ohne jedes Paket, aus weltoffen-csv.zip.
municipality <- "Garbsen"
wave <- "t1"

here <- dirname(normalizePath(sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE))))
read_table <- function(name) {
  member <- unz(file.path(here, "..", "weltoffen-csv.zip"), paste0("data/", name, ".csv"), encoding = "UTF-8")
  # Alles zuerst als Text: sonst verlöre ein Gemeindeschlüssel seine führende Null.
  read.csv(member, colClasses = "character", na.strings = "", encoding = "UTF-8")
}
scores <- read_table("comparison.action_field_score")
municipalities <- read_table("reference.municipality")
fields <- read_table("reference.action_field")

ags <- municipalities$ags[municipalities$label_de == municipality]
found <- merge(scores[scores$wave == wave & scores$ags %in% ags, ], fields, by = "action_field")
found <- found[order(as.integer(found$position)), ]
found$mean <- ifelse(is.na(found$mean), NA, sprintf("%.2f", as.numeric(found$mean)))

columns <- c("action_field", "label_de", "n_respondents", "mean", "withheld_because")
rows <- apply(found[columns], 1, function(row) paste(ifelse(is.na(row), "", row), collapse = "\t"))
writeLines(enc2utf8(c(paste(columns, collapse = "\t"), rows)), useBytes = TRUE)
