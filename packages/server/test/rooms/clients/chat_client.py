"""A client in Python as the guide of the rooms protocol teaches to write one, and a program that drives it.

Usage: chat_client.py URL TOKEN ROOM

It reads commands as JSON lines and prints what happens as JSON lines. ROOM may be empty.
"""

import asyncio
import base64
import hashlib
import json
import sys

import websockets

CHUNK_BYTES = 1_048_576


def tell(event, **fields):
    print(json.dumps({"event": event, **fields}), flush=True)


class WebSocketChatClient:
    """The guide's: one connection, no reconnection, ids of messages from the clock of the loop."""

    def __init__(self, token, room_id=None, url="ws://localhost:8000/api/v1/ws/ws"):
        self.token = token
        self.room_id = room_id
        self.url = url
        self.websocket = None
        self.running = False

    async def connect(self):
        """Returns when the connection has ended."""
        address = f"{self.url}?token={self.token}"
        if self.room_id:
            address += f"&room_id={self.room_id}"
        try:
            self.websocket = await websockets.connect(address)
            self.running = True
            self.opened()
            await self.handle_messages()
        except Exception as error:
            self.failed(error)
        finally:
            self.running = False

    async def handle_messages(self):
        try:
            async for text in self.websocket:
                await self.process_message(json.loads(text))
            self.ended(None)
        except websockets.ConnectionClosed as closed:
            self.ended(closed)

    async def process_message(self, message):
        kind = message.get("type")
        if kind == "chat":
            await self.handle_chat_message(message)
        elif kind == "typing":
            await self.handle_typing_indicator(message)
        elif kind == "error":
            self.handle_error(message["data"])

    async def send_chat_message(self, text, conversation_id=None):
        await self.send(
            {
                "type": "chat",
                "data": {"message": text, "conversation_id": conversation_id, "model_preference": "gpt-4"},
                "room_id": self.room_id,
                "message_id": f"msg-{asyncio.get_running_loop().time()}",
            }
        )

    async def send(self, message):
        if self.running:
            await self.websocket.send(json.dumps(message))

    async def close(self):
        self.running = False
        if self.websocket:
            await self.websocket.close()


class Client(WebSocketChatClient):
    """Tells what happens, and sends files."""

    file = b""
    handled = False

    def opened(self):
        tell("open")

    def failed(self, error):
        # Where the status is depends on the version of the package.
        answer = error if hasattr(error, "status_code") else getattr(error, "response", None)
        tell("failed", status=getattr(answer, "status_code", None), error=str(error))

    def ended(self, closed):
        tell("closed", code=closed.rcvd.code if closed and closed.rcvd else None)

    async def process_message(self, message):
        self.handled = False
        await super().process_message(message)
        if message["type"] == "file_upload":
            await self.go_on_with_upload(message["data"])
        tell("frame", frame=message, handled=self.handled)

    async def handle_chat_message(self, message):
        self.handled = True

    async def handle_typing_indicator(self, message):
        self.handled = True

    def handle_error(self, data):
        self.handled = True

    async def upload(self, name, content):
        self.file = content
        data = {"upload_type": "init", "file_name": name, "file_size": len(content), "mime_type": "text/plain"}
        await self.send({"type": "file_upload", "data": data, "room_id": self.room_id})

    async def go_on_with_upload(self, data):
        self.handled = True
        if data["upload_type"] == "init_response":
            total = -(-len(self.file) // CHUNK_BYTES)
            for index in range(total):
                piece = self.file[index * CHUNK_BYTES : (index + 1) * CHUNK_BYTES]
                await self.say(
                    "chunk",
                    data["file_id"],
                    chunk_index=index,
                    total_chunks=total,
                    chunk_data=base64.b64encode(piece).decode(),
                )
        elif data["upload_type"] == "progress" and self.file and data["uploaded_chunks"] == data["total_chunks"]:
            await self.say("finalize", data["file_id"], checksum=hashlib.sha256(self.file).hexdigest())

    async def say(self, upload_type, file_id, **fields):
        data = {"upload_type": upload_type, "file_id": file_id, **fields}
        await self.send({"type": "file_upload", "data": data})


async def main(url, token, room):
    client = Client(token, room or None, url)
    connection = asyncio.create_task(client.connect())
    commands = asyncio.StreamReader()
    protocol = asyncio.StreamReaderProtocol(commands)
    await asyncio.get_running_loop().connect_read_pipe(lambda: protocol, sys.stdin)
    async for line in commands:
        given = json.loads(line)
        command = given["command"]
        if command == "chat":
            await client.send_chat_message(given["text"], given.get("conversation"))
        elif command == "type":
            data = {"is_typing": given["isTyping"], "room_id": client.room_id}
            await client.send({"type": "typing", "data": data})
        elif command == "upload":
            await client.upload(given["name"], (given["text"] * given["times"]).encode())
        elif command == "send":
            await client.send(given["frame"])
        elif command == "close":
            await client.close()
        elif command == "connect":
            await connection
            connection = asyncio.create_task(client.connect())


asyncio.run(main(*sys.argv[1:4]))
