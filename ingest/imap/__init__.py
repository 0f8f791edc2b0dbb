"""Everything that speaks IMAP. `ingest.mailbox` is its public face; nothing else imports from here."""
