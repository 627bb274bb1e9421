"""Adapters broken in the classic ways, to see whether the contract suite would notice.

``python -m anycarrier.testing.mutants <adapter>`` wraps an adapter so that it makes each of the mistakes of
:data:`~anycarrier.testing.mutants.catalog.MUTANTS`, one after the other, and runs the cases of its contract that
matter until one fails. A mutant that survives shows what no case would notice: in the adapter's own tests, in its
simulator, or in the suite.
"""
