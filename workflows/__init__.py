"""What can be done with goldleaf, one file a use case, for the command line and for Python."""
