"""`python -m tests.network.relay FROM TO …`: carry TCP connections from one address to another (host:port, in pairs).

With it a server on loopback is reached from another network namespace. Prints a line when it listens.
"""

import asyncio
import contextlib
import sys


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
        if writer.can_write_eof():
            writer.write_eof()


async def _serve(listen: str, target: str) -> asyncio.Server:
    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        host, _, port = target.rpartition(":")
        with contextlib.suppress(OSError):
            far_reader, far_writer = await asyncio.open_connection(host, int(port))
            await asyncio.gather(_carry(reader, far_writer), _carry(far_reader, writer))
            far_writer.close()
        writer.close()

    host, _, port = listen.rpartition(":")
    return await asyncio.start_server(connected, host, int(port))


async def _main(arguments: list[str]) -> None:
    for listen, target in zip(arguments[::2], arguments[1::2], strict=True):
        await _serve(listen, target)
    print("listening", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_main(sys.argv[1:]))
