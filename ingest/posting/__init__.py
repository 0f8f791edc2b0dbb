"""Hands mail to the SMTP server: what it looks like, how it is said, what the server's answer means."""
