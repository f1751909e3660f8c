"""A client in Python as the examples of the assistant protocol have it, and a program that drives it.

It prints every frame, error and session as a line of JSON. `--flow` runs the examples' conversation, `--demo` three fixed
messages; with neither it sends the frames it reads as lines of JSON. `--second` is how long a second of its waiting lasts.
"""

import argparse
import asyncio
import json
import sys
from enum import Enum

import websockets

MAX_SIZE = 100 * 1024 * 1024


class AuthType(Enum):
    BEARER_TOKEN = "bearer_token"
    API_KEY = "api_key"
    BASIC_AUTH = "basic_auth"
    OAUTH2 = "oauth2"
    NONE = "none"


class WebSocketConfig:
    def __init__(self, endpoint, auth_type=AuthType.NONE, **credentials):
        self.endpoint = endpoint
        self.auth_type = auth_type
        self.credentials = credentials

    def get_auth_payload(self):
        if self.auth_type == AuthType.NONE:
            return {}
        given = {name: value for name, value in self.credentials.items() if value is not None}
        return {"type": "auth", "auth_type": self.auth_type.value, **given}


class WebSocketChatClient:
    def __init__(self, config, on_message, on_error, on_connected):
        self.config = config
        self.on_message = on_message
        self.on_error = on_error
        self.on_connected = on_connected
        self.ws = None
        self.session_id = None
        self.is_authenticated = False
        self.receiving = None

    async def connect(self):
        try:
            self.ws = await websockets.connect(self.config.endpoint, max_size=MAX_SIZE)
        except Exception as error:
            self.on_error(f"Failed to connect: {error}")
            return False
        self.receiving = asyncio.create_task(self.receive())
        # Before the first frame of the server was read.
        payload = self.config.get_auth_payload()
        if payload:
            await self.send_message(payload)
        return True

    async def receive(self):
        try:
            async for text in self.ws:
                self.handle(json.loads(text))
        except websockets.ConnectionClosed as closed:
            self.on_error(f"Connection error: {closed}")

    def handle(self, frame):
        if frame["type"] == "connection_established":
            self.session_id = frame["session_id"]
            self.is_authenticated = True
            self.on_connected(self.session_id)
        elif frame["type"] == "auth_response":
            self.is_authenticated = frame["success"]
            if not frame["success"]:
                self.on_error(frame.get("message", "Authentication failed"))
        self.on_message(frame)

    async def send_message(self, frame):
        await self.ws.send(json.dumps(frame))

    async def send_chat_message(self, text):
        await self.send_message({"type": "chat", "message": text})

    async def get_history(self):
        await self.send_message({"type": "history"})

    async def clear_history(self):
        await self.send_message({"type": "clear"})

    async def ping(self):
        await self.send_message({"type": "ping"})

    async def logout(self):
        await self.send_message({"type": "logout"})

    async def disconnect(self):
        await self.ws.close()
        await self.receiving


def tell(event, **fields):
    print(json.dumps({"event": event, **fields}), flush=True)


def config_of(args):
    names = {
        "bearer": (AuthType.BEARER_TOKEN, ["token"]),
        "api_key": (AuthType.API_KEY, ["api_key", "api_key_header"]),
        "basic": (AuthType.BASIC_AUTH, ["username", "password"]),
        "oauth2": (AuthType.OAUTH2, ["client_id", "client_secret", "token_url", "scope"]),
        "none": (AuthType.NONE, []),
    }
    auth_type, fields = names[args.auth]
    return WebSocketConfig(args.url, auth_type, **{field: getattr(args, field) for field in fields})


async def flow(client, second):
    messages = [
        "What is machine learning?",
        "Can you give me an example?",
        "How does it differ from deep learning?",
    ]
    for message in messages:
        await client.send_chat_message(message)
        await asyncio.sleep(3 * second)
    await client.get_history()
    await asyncio.sleep(second)
    await client.clear_history()
    await client.get_history()
    await client.ping()
    await client.logout()


async def demo(client, second):
    for message in ["Hello! What can you help me with?", "What is 2+2?", "Thank you!"]:
        await client.send_chat_message(message)
        await asyncio.sleep(2 * second)


async def follow(client):
    commands = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(commands), sys.stdin)
    async for line in commands:
        await client.send_message(json.loads(line))


async def main(args):
    client = WebSocketChatClient(
        config_of(args),
        on_message=lambda frame: tell("frame", frame=frame),
        on_error=lambda text: tell("error", text=text),
        on_connected=lambda session: tell("connected", session=session),
    )
    if not await client.connect():
        return 1
    if args.flow:
        await flow(client, args.second)
    elif args.demo:
        await demo(client, args.second)
    if not args.flow and not args.demo:
        await follow(client)
    await client.receiving
    return 0


parser = argparse.ArgumentParser()
parser.add_argument("--url", default="ws://localhost:8000/ws/chat")
parser.add_argument("--auth", default="none", choices=["none", "bearer", "api_key", "basic", "oauth2"])
for flag in ["token", "api-key", "username", "password", "client-id", "client-secret", "token-url", "scope"]:
    parser.add_argument(f"--{flag}")
parser.add_argument("--api-key-header", default="X-API-Key")
parser.add_argument("--demo", action="store_true")
parser.add_argument("--flow", action="store_true")
parser.add_argument("--second", type=float, default=1)
sys.exit(asyncio.run(main(parser.parse_args())))
