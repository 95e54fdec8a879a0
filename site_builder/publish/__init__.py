"""Publishing the portals of a commit into a folder that is served, and going back."""
