"""One module a step of the schema, each reached from the one before it."""
