"""From a folder of files to an index on disk. Files are hostile: each is read in another process, with limits."""
