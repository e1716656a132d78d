"""`require clean_of "GLOB" { ngram N }`."""
