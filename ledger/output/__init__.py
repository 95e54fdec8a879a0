"""Values to text: problems and figures as people and programs read them. Nothing here prints."""
