"""Sends a message to the room, or with --to to one user, and waits until the server has stored it.

    python3 sender.py "Hello, everyone!"
    python3 sender.py --to bob "Just between us"

Needs the library `websockets` (on Debian: python3-websockets) and nothing else. The published package `token-bowl-chat`
works with this server too.
"""

import argparse
import asyncio
import json
import os
import sys

import websockets


def address():
    base = os.environ.get("TOKEN_BOWL_BASE_URL", "ws://localhost:8000")
    key = os.environ["TOKEN_BOWL_CHAT_API_KEY"]
    return f"{base.replace('http', 'ws', 1).rstrip('/')}/ws?api_key={key}"


async def send(content, to):
    async with websockets.connect(address()) as socket:
        await socket.send(json.dumps({"content": content, "to_username": to}))
        async for text in socket:  # what others say may come before our answer
            frame = json.loads(text)
            if frame.get("type") == "message_sent":
                return frame["message"]["id"]
            if frame.get("type") == "error":
                sys.exit(frame["error"])
    sys.exit("the connection was lost, and it is unknown whether the message was stored")


arguments = argparse.ArgumentParser()
arguments.add_argument("content")
arguments.add_argument("--to")
given = arguments.parse_args()
try:
    print(f"stored as {asyncio.run(send(given.content, given.to))}")
except websockets.InvalidHandshake as error:
    sys.exit(f"refused: {error}")
