// The little that htmx does not do. Everything works without it, only less comfortably.
