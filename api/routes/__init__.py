"""The routes of the service, by what they are about; each handler parses, asks the library and answers."""
