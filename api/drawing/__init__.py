"""The map of the network as files: for Gephi and the like, and as a page that draws itself."""
