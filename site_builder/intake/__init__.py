"""Takes the portal's forms, behind the web server that knows who somebody is."""
