"""What is asked of a dictionary of any kind: one question a module, arrays in, numbers out."""
