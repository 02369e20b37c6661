"""The callers of ``benchmarks.overload``: a lean HTTP client, a closed loop that finds the capacity, an open one that exceeds it.

One process makes all the load on the machine that serves it, so what it takes of the two cores is taken from the service:
it uses sockets and prepared material, and nothing that parses more than it must. An open loop asks at its own rate whether
or not it is answered, as a crowd does; its times run from when a caller was due.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Self

GIVE_UP_SECONDS = 10.0
_HEALTH_EVERY = 0.1
_WELL_SECONDS = 1.0
_PAUSE_SECONDS = 0.1
"""Of a caller of the closed loop who was refused: coming at once would be another kind of load."""


class Refused(Exception):
    """The service said: not now."""

    def __init__(self, seconds: float, *, with_words: bool, first_step: bool) -> None:
        super().__init__("refused")
        self.seconds = seconds
        self.with_words = with_words
        self.first_step = first_step


class Failed(Exception):
    """Anything else that is not the answer a journey needs."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass
class Line:
    """One connection, kept for a journey."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    steps: int = 0

    @classmethod
    async def open(cls, port: int) -> Self:
        """Connect to this machine."""
        return cls(*await asyncio.open_connection("127.0.0.1", port))

    def close(self) -> None:
        """Hang up."""
        self.writer.close()

    async def ask(
        self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Send a request and read the answer.

        Raises:
            Refused: 503. Failed: any other answer that is not a success.
        """
        began = time.perf_counter()
        lines = [f"{method} {path} HTTP/1.1", "Host: bench", f"Content-Length: {len(body)}"]
        lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
        self.writer.write("\r\n".join([*lines, "", ""]).encode() + body)
        try:
            answer = await self._read()
        except (asyncio.IncompleteReadError, ConnectionError) as error:
            raise Failed("the connection ended") from error
        self.steps += 1
        if answer.status == 503:
            with_words = b'"error"' in answer.body and "retry-after" in answer.headers
            taken = time.perf_counter() - began
            raise Refused(taken, with_words=with_words, first_step=self.steps == 1)
        if answer.status >= 300:
            raise Failed(f"{path.split('?', maxsplit=1)[0][:20]}: {answer.status} {answer.body[:160]!r}")
        return answer

    async def _read(self) -> Answer:
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = {
            name.lower(): value.strip()
            for name, _, value in (line.partition(":") for line in head[1:] if line)
        }
        body = await self.reader.readexactly(int(headers.get("content-length", "0")))
        return Answer(int(head[0].split(" ")[1]), headers, body)


@dataclass
class Tally:
    """What came of the journeys of one run."""

    seconds: float = 0.0
    begun: int = 0
    """Answers to first steps that were a yes: tokens, opened applications."""
    taken: list[float] = field(default_factory=list)
    """Of whole journeys within the time after which callers give up."""
    refusals: list[Refused] = field(default_factory=list)
    gave_up: int = 0
    failed: list[str] = field(default_factory=list)
    health: list[float] = field(default_factory=list)
    health_failed: int = 0
    recovery: float = 0.0

    @property
    def goodput(self) -> float:
        """Whole journeys a second."""
        return len(self.taken) / self.seconds


Journey = Callable[[Line, Callable[[], None]], Awaitable[None]]
"""Plays one whole journey on a line; calls the second argument when the first step was a yes."""


class Crowd:
    """Callers of one service."""

    def __init__(self, port: int, journeys: Callable[[], Journey], *, keeps_lines: bool) -> None:
        """``journeys`` gives the next caller's journey; it may raise IndexError when the prepared material is used up.

        ``keeps_lines``: the callers are a few banks, whose clients keep their connections; people come on new ones.
        """
        self._port = port
        self._journeys = journeys
        self._keeps_lines = keeps_lines
        self._idle: list[Line] = []

    async def at_most(self, callers: int, seconds: float) -> Tally:
        """The closed loop: so many callers, each coming again as soon as it was answered."""
        tally, until = Tally(seconds), time.perf_counter() + seconds
        self._idle = []

        async def come_again() -> None:
            while time.perf_counter() < until:
                refused = len(tally.refusals)
                await self._one(tally, time.perf_counter())
                if len(tally.refusals) > refused:
                    await asyncio.sleep(_PAUSE_SECONDS)

        await asyncio.gather(*(come_again() for _ in range(callers)))
        return tally

    async def at_rate(self, rate: float, seconds: float) -> Tally:
        """The open loop: callers come at random moments, ``rate`` a second, whatever they find."""
        tally, chance = Tally(seconds), random.Random(7)  # noqa: S311 - when callers come, the same each time
        self._idle = []
        watching = asyncio.create_task(self._watch_health(tally))
        begin = time.perf_counter()
        due, tasks = begin, set[asyncio.Task[None]]()
        while due < begin + seconds:
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            task = asyncio.create_task(self._one(tally, due))
            tasks.add(task)
            task.add_done_callback(tasks.discard)
            due += chance.expovariate(rate)
        ended = time.perf_counter()
        tally.recovery = await self._well_again(ended)
        await asyncio.gather(*tasks)
        watching.cancel()
        return tally

    async def _one(self, tally: Tally, due: float) -> None:
        def begun() -> None:
            tally.begun += 1

        try:
            async with asyncio.timeout(max(0.0, due + GIVE_UP_SECONDS - time.perf_counter())):
                await self._play(begun)
        except Refused as refused:
            tally.refusals.append(refused)
        except TimeoutError:
            tally.gave_up += 1
        except (Failed, OSError) as error:
            tally.failed.append(str(error))
        else:
            tally.taken.append(time.perf_counter() - due)

    async def _play(self, begun: Callable[[], None]) -> None:
        line, again = await self._line(), False
        try:
            await self._journeys()(line, begun)
            again = self._keeps_lines
        except Refused:
            again = self._keeps_lines
            raise
        finally:
            if again:
                line.steps = 0
                self._idle.append(line)
            else:
                line.close()

    async def _line(self) -> Line:
        while self._idle:
            line = self._idle.pop()
            if not line.reader.at_eof() and line.reader.exception() is None:
                return line
            line.close()
        return await Line.open(self._port)

    async def _well_again(self, ended: float) -> float:
        """Seconds from the end of the load until a whole journey takes less than a second again."""
        while time.perf_counter() - ended < 60:
            tally, began = Tally(1.0), time.perf_counter()
            await self._one(tally, began)
            if tally.taken and tally.taken[0] < _WELL_SECONDS:
                return time.perf_counter() - ended
            await asyncio.sleep(0.1)
        return 60.0

    async def _watch_health(self, tally: Tally) -> None:
        while True:
            began = time.perf_counter()
            try:
                async with asyncio.timeout(GIVE_UP_SECONDS):
                    line = await Line.open(self._port)
                    await line.ask("GET", "/health/live")
                    line.close()
            except (Failed, Refused, TimeoutError, OSError):
                tally.health_failed += 1
            tally.health.append(time.perf_counter() - began)
            await asyncio.sleep(_HEALTH_EVERY)
