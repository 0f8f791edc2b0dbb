"""Measurements that the documentation quotes; each can be run again. See README.md in this folder."""
