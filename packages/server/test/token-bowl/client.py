"""A client as people write it with Python's `websockets`: reads commands as JSON lines, prints what happens as JSON lines.

Usage: client.py BASE_URL API_KEY

It builds its URL the way published clients do (the key goes into the query as it is), sends messages without a type,
answers the server's pings, and tells a refused upgrade by its status.
"""

import asyncio
import json
import sys
from datetime import datetime

import websockets


def tell(event, **fields):
    print(json.dumps({"event": event, **fields}), flush=True)


async def listen(ws):
    try:
        async for text in ws:
            frame = json.loads(text)
            event = frame.get("type", "message")
            if event == "ping":
                await ws.send(json.dumps({"type": "pong"}))
            if event == "message":
                # Raises for a time that published clients could not read.
                datetime.fromisoformat(frame["timestamp"].replace("Z", "+00:00"))
            tell(event, frame=frame)
        tell("ended quietly")
    except websockets.ConnectionClosed as closed:
        tell("closed", code=closed.rcvd.code)


async def obey(ws):
    commands = asyncio.StreamReader()
    protocol = asyncio.StreamReaderProtocol(commands)
    await asyncio.get_running_loop().connect_read_pipe(lambda: protocol, sys.stdin)
    async for line in commands:
        command = json.loads(line)
        if command == "close":
            await ws.close()
        elif command == "ping":
            await (await ws.ping())
            tell("protocol pong")
        else:
            await ws.send(json.dumps(command))


async def main(base_url, api_key):
    url = base_url.rstrip("/")
    if not url.endswith("/ws"):
        url += "/ws"
    try:
        ws = await websockets.connect(f"{url}?api_key={api_key}")
    except websockets.InvalidHandshake as refused:
        # Where the status is depends on the version of the package.
        answer = refused if hasattr(refused, "status_code") else refused.response
        return tell("refused", status=answer.status_code)
    tell("open")
    obeying = asyncio.create_task(obey(ws))
    await listen(ws)
    obeying.cancel()


asyncio.run(main(sys.argv[1], sys.argv[2]))
