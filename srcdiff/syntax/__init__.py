"""Text to tree and tree to text: the only package that knows libcst."""
