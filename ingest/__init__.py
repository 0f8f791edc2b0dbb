"""The running service: mailbox, pipeline, daemon, configuration, command line."""
