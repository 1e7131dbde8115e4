"""Knowledge about addresses and host names: reach, registrable domains, mail operators."""
