"""The environment: scoring, episodes and the HTTP application. Only the command line and in-process clients import
it."""
