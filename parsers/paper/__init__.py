"""Photographed and scanned paper forms, brought to the same paragraphs and tables as every other format."""
