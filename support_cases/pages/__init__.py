"""Pages of the work with cooperatives: thin views over the rules."""
