"""The questionnaire: its columns, answer codes and what each of them means for us."""
