"""The index on disk: arrays that are mapped into memory, never read whole; opened in milliseconds."""
