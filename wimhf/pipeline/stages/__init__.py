"""The stages, one file each: what it takes from the run, what it calls and what it saves."""
