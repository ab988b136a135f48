"""The routes of the API, how a request is let in, and how it is answered."""
