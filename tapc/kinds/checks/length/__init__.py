"""`require length A..B [chars|words|tokens]`."""
