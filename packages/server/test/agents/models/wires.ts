import type { Provider } from '../../../src/agents/models/providers.ts'
import { pace } from './models.ts'

const credentials = { id: 'AKIDEXAMPLE', secret: 'a-secret', session: 'a-session' }

/** A provider of each kind at one address, with the path that is asked for a model of it. */
export function wiresAt(url: string): readonly (Provider & { readonly path: string; readonly model: string })[] {
  return [
    {
      kind: 'openai',
      name: 'openai',
      key: 'k-openai',
      url: `${url}/v1`,
      api: 'responses',
      path: '/v1/responses',
      model: 'gpt-5.4-mini',
      ...pace,
    },
    {
      kind: 'openai',
      name: 'openai',
      key: 'k-openai',
      url: `${url}/v1`,
      api: 'chat',
      path: '/v1/chat/completions',
      model: 'gpt-5.4-mini',
      ...pace,
    },
    {
      kind: 'anthropic',
      name: 'anthropic',
      key: 'k-anthropic',
      url: `${url}/v1`,
      path: '/v1/messages',
      model: 'claude-haiku-4-5',
      ...pace,
    },
    {
      kind: 'google',
      name: 'google',
      key: 'k-google',
      url: `${url}/v1beta`,
      path: '/v1beta/models/gemini-2.5-flash:streamGenerateContent',
      model: 'gemini-2.5-flash',
      ...pace,
    },
    {
      kind: 'bedrock',
      name: 'bedrock',
      region: 'eu-central-1',
      credentials,
      url,
      path: '/model/amazon.nova-lite-v1%3A0/converse-stream',
      model: 'amazon.nova-lite-v1:0',
      ...pace,
    },
    {
      kind: 'compatible',
      name: 'ollama',
      key: null,
      isNear: true,
      url: `${url}/v1`,
      path: '/v1/chat/completions',
      model: 'qwen3:8b',
      ...pace,
    },
  ]
}

export const KINDS = ['openai responses', 'openai chat', 'anthropic', 'google', 'bedrock', 'compatible']
