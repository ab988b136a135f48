"""Sources to fact tables: manifests, normalising, pseudonyms, rejects, the generic run."""
