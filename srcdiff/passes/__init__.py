"""The passes between the two texts, each in a file of its own."""
