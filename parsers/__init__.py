"""Strangers' files and mails in, values out: decoding messages, reading attachments. Pure and bounded; imports only rules."""
