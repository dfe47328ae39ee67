"""Runs the whole portal from one command: broker, web, worker and beat, started and stopped together."""
