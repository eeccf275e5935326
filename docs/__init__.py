"""One page for each cause, in each language, generated from the code and the templates."""
