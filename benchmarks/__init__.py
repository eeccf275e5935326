"""The figures of README.md in this folder, each from one command."""
