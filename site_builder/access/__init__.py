"""Who may open which portal, for web servers.

What people may see is rendered elsewhere; here it is said to whom. That changes more often (an
account ends on its day, whether a portal is built or not) and is asked at every request. So it is
worked out from the ledger alone, and written as files that a web server reads.

``visitors`` decides. ``nginx`` and ``caddy`` put it into the words of a server, ``access_folder``
into files.
"""
