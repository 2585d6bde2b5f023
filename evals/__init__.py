"""Domain packs, models, the run, importers, configuration, the command line."""
