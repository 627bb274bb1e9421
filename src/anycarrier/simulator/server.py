"""Simulators over real HTTP, on 127.0.0.1 only, each on its own port. Needs the extra ``simulator``.

:func:`serve` blocks until it is interrupted; :func:`running` serves from a thread while a block of code runs. Faults
happen to real sockets here: a reset is a reset, and a refused connection is one, because the port stops listening.

``refuse`` is the one fault that differs from the in-process transport. The request of a connection is not known before
it arrives, so a fault that names no operation, method, path or count to let pass stops the listening at once, for its
``lasts`` seconds (1 by default). One that names a request meets it when it has arrived: that one is reset with no work
done, and then the port stops listening.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, TypeAlias

import uvicorn
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route
from uvicorn.protocols.http.h11_impl import H11Protocol

from anycarrier.errors import ConfigurationError
from anycarrier.simulator.connections import HOST, Receive, Scope, Send, bound, gone, read, reset, send_answer
from anycarrier.simulator.control import CONTROL, control, is_loopback
from anycarrier.simulator.core import Simulator
from anycarrier.simulator.faults import Planned
from anycarrier.simulator.messages import Failure, SimAnswer

__all__ = ["HOST", "Served", "Simulators", "running", "serve"]

BACKLOG = 1024
GRACE = 1.0
Simulators: TypeAlias = Simulator | Sequence[Simulator] | Mapping[str, Simulator]
"""One simulator, several of different names, or several by names of their own."""


def serve(simulators: Simulators, *, port: int = 0, ready: Callable[[Mapping[str, str]], None] | None = None) -> None:
    """Serve until interrupted (SIGINT or SIGTERM).

    Args:
        port: of the first simulator; the others have the ports after it. 0 takes any free ones.
        ready: called with the base URLs by name, once connections are accepted.
    """
    server = _Server(_named(simulators), port, ready)
    try:
        with contextlib.suppress(KeyboardInterrupt):
            asyncio.run(server.serve(server.sockets))
    finally:
        server.leave()


class Served(Mapping[str, str]):
    """The base URLs of simulators that are served, by name."""

    def __init__(self, server: _Server) -> None:
        self._server = server

    def __getitem__(self, name: str) -> str:
        return self._server.urls[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._server.urls)

    def __len__(self) -> int:
        return len(self._server.urls)

    def play(self, simulators: Mapping[str, Simulator]) -> None:
        """Serve these from now on, at the URLs of their names; a port that a fault had closed is open again."""
        self._server.play(simulators)


@contextlib.contextmanager
def running(simulators: Simulators, *, port: int = 0) -> Iterator[Served]:
    """Serve from a background thread; yield the base URLs by name, as ``http://127.0.0.1:41234``."""
    up = threading.Event()
    server = _Server(_named(simulators), port, lambda urls: up.set())
    problems: list[BaseException] = []

    def run() -> None:
        try:
            asyncio.run(server.serve(server.sockets))
        except BaseException as error:  # noqa: BLE001 - it is raised in the thread that waits
            problems.append(error)
        finally:
            up.set()

    thread = threading.Thread(target=run, name="anycarrier-simulator", daemon=True)
    thread.start()
    try:
        up.wait()
        if not problems:
            yield Served(server)
    finally:
        server.should_exit = True
        thread.join()
        server.leave()
    if problems:
        raise problems[0]


def _named(simulators: Simulators) -> dict[str, Simulator]:
    if isinstance(simulators, Mapping):
        return dict(simulators)
    listed = [simulators] if isinstance(simulators, Simulator) else list(simulators)
    named = {simulator.name: simulator for simulator in listed}
    if len(named) != len(listed):
        raise ConfigurationError("two simulators have the same name: pass a mapping, each under a name of its own")
    return named


class _Protocol(H11Protocol):
    """A protocol that shows the application the connection of a request."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        application: Any = self.app

        async def with_transport(scope: Scope, receive: Receive, send: Send) -> None:
            scope["anycarrier.transport"] = self.transport
            await application(scope, receive, send)

        self.app = with_transport


class _Listener:
    """The listening socket of one simulator, which can go away for a while."""

    def __init__(self, server: _Server, index: int, port: int) -> None:
        self._server = server
        self._index = index
        self._port = port
        self._held: socket.socket | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._opening: asyncio.Task[None] | None = None

    def refuse(self, seconds: float) -> None:
        """Stop listening; on the server's loop."""
        loop = asyncio.get_running_loop()
        if self._timer is not None:
            self._timer.cancel()
        if self._held is None:
            self._server.servers[self._index].close()
            # Bound but not listening: connections are refused, and no other program can take the port.
            self._held = bound(self._port)
        for connection in tuple(self._server.server_state.connections):
            # Idle ones are closed now, so that clients have to connect anew; the others after their answer.
            if isinstance(connection, _Protocol) and connection.server and connection.server[1] == self._port:
                connection.shutdown()
        self._timer = loop.call_later(seconds, self._reopen)

    def _reopen(self) -> None:
        self._opening = asyncio.ensure_future(self._listen())

    async def _listen(self) -> None:
        held, self._held, self._timer = self._held, None, None
        if held is not None:
            loop, protocol = asyncio.get_running_loop(), self._server.protocol
            self._server.servers[self._index] = await loop.create_server(protocol, sock=held, backlog=BACKLOG)

    async def open(self) -> None:
        """Listen again at once."""
        if self._timer is not None:
            self._timer.cancel()
        if self._opening is not None:
            await self._opening
        await self._listen()

    def close(self) -> None:
        """Close the socket for good."""
        if self._timer is not None:
            self._timer.cancel()
        if self._held is not None:
            self._held.close()
            self._held = None


class _Server(uvicorn.Server):
    """One loop for all simulators: the port of a request tells which one it is for."""

    def __init__(
        self, simulators: Mapping[str, Simulator], port: int, ready: Callable[[Mapping[str, str]], None] | None
    ) -> None:
        config = uvicorn.Config(
            Starlette(
                routes=[
                    Route(CONTROL + "{rest:path}", self._control, methods=["GET", "POST", "DELETE", "PUT", "PATCH"]),
                    Mount("/", app=self._provider),
                ]
            ),
            http=_Protocol,
            ws="none",
            lifespan="off",
            loop="asyncio",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            timeout_keep_alive=75,
            backlog=BACKLOG,
            timeout_graceful_shutdown=10,
        )
        super().__init__(config)
        self.ready = ready
        self.sockets: list[socket.socket] = []
        self._loop: asyncio.AbstractEventLoop | None = None
        self._over = asyncio.Event()
        try:
            for index in range(len(simulators)):
                self.sockets.append(bound(port + index if port else 0))
        except BaseException:
            self._close_sockets()
            raise
        ports = [listening.getsockname()[1] for listening in self.sockets]
        urls = {name: f"http://{HOST}:{number}" for name, number in zip(simulators, ports, strict=True)}
        self.urls = MappingProxyType(urls)
        self._simulators = dict(zip(ports, simulators.values(), strict=True))
        self._listeners = {number: _Listener(self, index, number) for index, number in enumerate(ports)}
        self._watchers: dict[int, Callable[[Planned], None]] = {}

    def protocol(self) -> asyncio.Protocol:
        """Return a protocol for one more connection."""
        return _Protocol(config=self.config, server_state=self.server_state, app_state={})

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._loop = asyncio.get_running_loop()
        for number in self._simulators:
            self._watch(number)
        if self.ready is not None:
            self.ready(self.urls)

    async def main_loop(self) -> None:
        # Looks more often than uvicorn does, so that a test need not wait for the end.
        while not await self.on_tick(0):  # noqa: ASYNC110 - signal handlers set a flag, not an event
            await asyncio.sleep(0.02)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._over.set()
        for listener in self._listeners.values():
            listener.close()
        # Answers in flight have this long; a client that does not read would hold the server forever.
        end = asyncio.get_running_loop().call_later(GRACE, self._abort)
        await super().shutdown(sockets)
        end.cancel()

    def _abort(self) -> None:
        for connection in tuple(self.server_state.connections):
            if isinstance(connection, _Protocol):
                connection.transport.abort()

    def play(self, simulators: Mapping[str, Simulator]) -> None:
        """Serve these from now on, at the URLs of their names; from another thread than the server's."""
        loop = self._loop
        if loop is None or loop.is_closed():
            raise ConfigurationError("the server is not running")
        ports = dict(zip(self.urls, self._simulators, strict=True))
        changed = self._play({ports[name]: simulator for name, simulator in simulators.items()})
        asyncio.run_coroutine_threadsafe(changed, loop).result(10)

    async def _play(self, simulators: Mapping[int, Simulator]) -> None:
        for number, simulator in simulators.items():
            self._leave(number)
            await self._listeners[number].open()
            self._simulators[number] = simulator
            self._watch(number)

    def leave(self) -> None:
        """Undo the changes outside the loop."""
        for number in self._simulators:
            self._leave(number)
        self._close_sockets()

    def _watch(self, number: int) -> None:
        simulator = self._simulators[number]
        self._watchers[number] = watcher = self._watcher(number, simulator)
        simulator.faults.watchers.append(watcher)
        for planned in simulator.faults.planned():  # those that were there before
            watcher(planned)

    def _leave(self, number: int) -> None:
        if watcher := self._watchers.pop(number, None):
            self._simulators[number].faults.watchers.remove(watcher)

    def _close_sockets(self) -> None:
        for listening in self.sockets:
            listening.close()

    def _watcher(self, number: int, simulator: Simulator) -> Callable[[Planned], None]:
        def watch(planned: Planned) -> None:
            fault, loop = planned.fault, self._loop
            if fault.kind != "refuse" or not fault.unconditional or loop is None:
                return
            simulator.faults.remove(planned.id)

            async def refuse() -> None:
                self._listeners[number].refuse(fault.lasts or 1.0)
                await asyncio.sleep(0)  # the loop closes a connection in its next round

            if _running_loop() is loop:
                self._listeners[number].refuse(fault.lasts or 1.0)
            else:  # the caller goes on when it is true
                asyncio.run_coroutine_threadsafe(refuse(), loop).result(10)

        return watch

    async def _control(self, request: Request) -> Response:
        origin = request.headers.get("origin")
        if not is_loopback(request.headers.get("host", "")) or (origin is not None and not is_loopback(origin)):
            return JSONResponse({"problem": "only from this machine, under a loopback name"}, 403)
        simulator = self._simulators[request.scope["server"][1]]
        answer = control(simulator, read(request, await request.body()))
        await asyncio.sleep(0)  # connections that a fault closes are closed before the answer leaves
        # A client that plans `refuse` must not try to use this connection again.
        return Response(answer.body, answer.status, {**dict(answer.headers), "connection": "close"})

    async def _provider(self, scope: Scope, receive: Receive, send: Send) -> None:
        port = scope["server"][1]
        request = Request(scope, receive)
        try:
            body = await request.body()
        except ClientDisconnect:
            return
        outcome = self._simulators[port].handle(read(request, body))
        if outcome.delay:
            await self._wait(outcome.delay)
        transport: asyncio.Transport = scope["anycarrier.transport"]
        if isinstance(outcome, SimAnswer):
            if not transport.is_closing():
                await send_answer(outcome, outcome.body, send, more=False)
            return
        await self._fail(outcome, port, transport, receive, send)

    async def _fail(
        self, failure: Failure, port: int, transport: asyncio.Transport, receive: Receive, send: Send
    ) -> None:
        match failure.how:
            case "refuse":
                self._listeners[port].refuse(failure.seconds)
                reset(transport)
            case "reset":
                reset(transport)
            case "hang":
                left = asyncio.ensure_future(gone(receive))
                over = asyncio.ensure_future(self._over.wait())
                await asyncio.wait({left, over}, timeout=failure.seconds, return_when=asyncio.FIRST_COMPLETED)
                over.cancel()
                left.cancel()
                transport.close()
            case "truncate" if failure.answer is not None:
                await send_answer(failure.answer, failure.answer.body[: failure.cut], send, more=True)
                transport.close()
            case _:
                transport.close()
        await gone(receive)

    async def _wait(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._over.wait(), seconds)


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
