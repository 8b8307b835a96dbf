"""What trains models against the environment. Each trainer calls the server over HTTP."""
