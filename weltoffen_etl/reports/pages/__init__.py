"""What all HTML pages share: the base template, its styles, and German words for values."""
