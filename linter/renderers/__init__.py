"""Other programs that make manifests of templates, started only where a scan asks for them."""
