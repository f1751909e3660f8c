"""Prints the room's messages and one's own direct messages, until Ctrl-C.

Needs the library `websockets` (on Debian: python3-websockets) and nothing else: the protocol is one JSON object a frame.
The published package `token-bowl-chat` works with this server too, unchanged:

    async with TokenBowlWebSocket(base_url="ws://localhost:8000", on_message=print) as ws: ...
"""

import asyncio
import json
import os
import sys

import websockets


def address():
    base = os.environ.get("TOKEN_BOWL_BASE_URL", "ws://localhost:8000")
    key = os.environ["TOKEN_BOWL_CHAT_API_KEY"]
    return f"{base.replace('http', 'ws', 1).rstrip('/')}/ws?api_key={key}"


async def listen():
    async with websockets.connect(address()) as socket:
        print("listening", flush=True)
        async for text in socket:
            frame = json.loads(text)
            kind = frame.get("type")
            if kind is None:  # only messages have no type
                to = " to you" if frame["to_username"] else ""
                print(f"{frame['from_username']}{to}: {frame['content']}", flush=True)
            elif kind == "ping":  # who never answers is dropped after a while
                await socket.send(json.dumps({"type": "pong"}))


try:
    asyncio.run(listen())
except KeyboardInterrupt:
    print("goodbye", flush=True)
except websockets.InvalidHandshake as error:
    sys.exit(f"refused: {error}")
