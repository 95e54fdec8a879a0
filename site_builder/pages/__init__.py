"""View data -> pages: one function for each kind of page, its template beside it."""
