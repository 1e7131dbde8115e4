"""How was this e-mail transported, and how do we know?"""
