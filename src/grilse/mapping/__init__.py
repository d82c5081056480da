"""Another application's own tables: its words as data, ours as they say it, brought and removed."""
