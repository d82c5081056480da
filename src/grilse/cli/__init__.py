"""The command line: one thin file a verb, each of which parses, makes one call, and prints."""
