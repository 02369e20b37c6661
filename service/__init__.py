"""What every service wears: body limits, error answers, logs, database sessions, key files."""
