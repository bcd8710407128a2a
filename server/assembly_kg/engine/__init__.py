"""From a question to an answer over one release."""
