"""Forms of the work: they read what was typed; the rules behind them decide."""
