"""Tables to knowledge: the contract of an algorithm, its run, and one file a method."""
