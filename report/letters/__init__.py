"""The mails that baosong writes: receipts, reminders, the coordinator's digest, alarms."""
