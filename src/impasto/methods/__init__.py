"""One file, one way of making a picture."""
