"""The library inside running mail systems; each module is loaded when it is asked for."""
