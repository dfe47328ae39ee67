"""Reports: one registered function each, asked by page, API and file alike."""
