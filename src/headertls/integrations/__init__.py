"""The library inside other programs; each module is loaded when it is asked for."""
