"""Strangers' files and mails in, values out: decoding messages, reading attachments. Imports only rules."""
