"""A campaign against a job: workers that are killed at random, and the carriers' ledgers afterwards."""
