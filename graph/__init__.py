"""What is stored and how to reach it: declarations, the session, staging, the vault.

This package knows nothing of source files, methods or HTTP, and is the only one that
imports ``neo4j`` and ``neomodel``.
"""
