"""The HTTP service over gridplan: parse, call the library, answer."""
