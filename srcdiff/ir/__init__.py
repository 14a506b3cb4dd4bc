"""The typed tree between the two texts: nodes, types, walks over them."""
