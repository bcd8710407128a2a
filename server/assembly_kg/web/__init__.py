"""HTTP: content negotiation, the SPARQL protocol, resources, pages and downloads."""
