"""What exists on a farm and what it holds."""
