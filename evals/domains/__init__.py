"""The bundled domain packs: data files, one folder a pack."""
