export { ChatError } from '../chat/errors.ts'
export {
  type UpFrame,
  type UploadFileOptions,
  WebSocketChatClient,
  type WebSocketChatClientOptions,
  type WebSocketChatEvents,
} from './client.ts'
export type * from './frames.ts'
