"""From files to a release: load, project, reason, validate, describe, write."""
