"""What `tapc cache` does beyond the store itself: find the replies that specs use, check stored outcomes."""
