"""The engine: sessions, drivers, rate limits and retries, which perform what the exchanges ask for."""

__all__: list[str] = []
