"""What runs inside the jail. Nothing here knows an exercise, a reference or the rest of the package."""
