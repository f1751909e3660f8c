import {
  decimal,
  dollars,
  dollarsOrUnlimited,
  ENDLESS,
  flag,
  type Kind,
  list,
  oneOf,
  optional,
  secret,
  setting,
  webAddress,
  whole,
  word,
} from './kinds.ts'

const modelName: Kind<string> = {
  allowed: 'provider/model, such as openai/gpt-5.4-mini',
  read: text => (/^[\w-]+\/[^\s/][^\s]*$/.test(text) ? text : undefined),
}

const providerName: Kind<string> = {
  allowed: 'a name of letters, digits, _ and -',
  read: text => (/^[\w-]{1,40}$/.test(text) ? text : undefined),
}

const OWN = 'Unless given, its own.'

// Addresses are secrets, too: who writes a password into one must not read it in the error that refuses it.

export const models = {
  MODEL_DEFAULT: optional(
    modelName,
    'Model that answers where nobody asks for another one. Providers are `openai`, `anthropic`, `google`, `bedrock` and what ' +
      '`OPENAI_COMPATIBLE_NAME` says. Unless given, the first of these that is set up: `BEDROCK_MODEL_ID`, `openai/gpt-5.4-mini`, ' +
      '`anthropic/claude-haiku-4-5`, `google/gemini-3.8-flash`, the first one of the compatible server. See [models](models.md).',
  ),
  MODEL_FALLBACK: optional(modelName, 'Model that answers when the other one does not begin to.'),
  MODELS_ALLOWED: setting(
    list(modelName),
    '',
    'Models that people may ask for besides these two; `provider/*` is every one of a provider. Unless given, every one of every provider.',
  ),
  TEAMS_DIR: optional(
    word,
    'Folder with further teams of agents, one folder each; a team with the name of one that comes with Parley takes its place. See [teams](teams.md).',
  ),
  TEAM_DEFAULT: setting(word, 'books', 'Team that answers in sessions where a client names none.'),
  MODEL_PROBE: setting(
    flag,
    'true',
    'Where no provider is set up: looks at the start for Ollama, LM Studio, llama.cpp and vLLM on ports 11434, 1234 and 8080 of this machine.',
  ),
  MODEL_TIMEOUT: setting(whole(1, 600, 'seconds'), '120', 'Time a model may send nothing before it counts as stuck.'),
  MODEL_TIME_LIMIT: setting(whole(1, 600, 'seconds'), '600', 'Time an answer may take, all attempts together.'),
  MODEL_MAX_TOKENS: setting(
    whole(1, ENDLESS, 'tokens'),
    '8192',
    'Longest answer. Who asks for a longer one gets this.',
  ),
  MODEL_CONTEXT: setting(
    whole(256, ENDLESS, 'tokens'),
    '8192',
    'What a model without a known context window holds, question and answer together.',
  ),
  BUDGET_PERSON_DAILY: setting(
    dollarsOrUnlimited,
    '2',
    'What the answers to one person may cost in a day (UTC). 0 allows no paid model. Models on this machine or in its network cost nothing.',
  ),
  BUDGET_ROOM_DAILY: setting(
    dollarsOrUnlimited,
    '10',
    'What the answers in one room may cost in a day. Conversations of one person with the assistant are no such rooms.',
  ),
  BUDGET_GUESTS_DAILY: setting(dollarsOrUnlimited, '2', 'What the answers to all guests together may cost in a day.'),
  BUDGET_UNKNOWN_PRICE: setting(
    dollars,
    '10',
    'What a million tokens of a paid model count for where its price is not known. It fills the budgets; nobody is shown it as a cost.',
  ),
  OPENAI_API_KEY: secret(word, 'Key for `openai/…`.'),
  OPENAI_BASE_URL: secret(webAddress, `Address of OpenAI's API. ${OWN}`),
  OPENAI_API: optional(
    oneOf('responses', 'chat'),
    'Which API of OpenAI is used. Unless given, `responses`, and `chat` where `OPENAI_BASE_URL` is given.',
  ),
  ANTHROPIC_API_KEY: secret(word, 'Key for `anthropic/…`.'),
  ANTHROPIC_BASE_URL: secret(webAddress, `Address of Anthropic's API, version included. ${OWN}`),
  GOOGLE_API_KEY: secret(word, 'Key of the Gemini API for `google/…`.'),
  GOOGLE_BASE_URL: secret(webAddress, `Address of the Gemini API, version included. ${OWN}`),
  OPENAI_COMPATIBLE_URL: secret(
    webAddress,
    'Base URL of any server that speaks the chat completions of OpenAI: Ollama, vLLM, LM Studio, llama.cpp, a gateway.',
  ),
  OPENAI_COMPATIBLE_KEY: secret(word, 'Its key, where it wants one.'),
  OPENAI_COMPATIBLE_NAME: setting(
    providerName,
    'compatible',
    'What stands before the slash in the names of its models.',
  ),
  BEDROCK_MODEL_ID: optional(
    word,
    'Model of Amazon Bedrock, or ARN of an inference profile. Sets Bedrock up, as does `bedrock/…` in the names above.',
  ),
  BEDROCK_REGION: optional(word, 'Region of Bedrock. Unless given, `AWS_REGION`.'),
  BEDROCK_TEMPERATURE: setting(
    decimal(0, 2),
    '0.7',
    'How free its choice of words is, where nobody asks for another one.',
  ),
  BEDROCK_MAX_TOKENS: setting(whole(1, ENDLESS, 'tokens'), '4096', 'Its longest answer.'),
  AWS_REGION: setting(word, 'us-east-1', 'Region of AWS.'),
  AWS_ACCESS_KEY_ID: secret(word, 'Access key for Bedrock. Needed, with its secret, unless there is a bearer token.'),
  AWS_SECRET_ACCESS_KEY: secret(word, 'Secret of that access key.'),
  AWS_SESSION_TOKEN: secret(word, 'Session token, where the access key is a temporary one.'),
  AWS_BEARER_TOKEN_BEDROCK: secret(word, 'API key of Bedrock, instead of an access key.'),
  AWS_ENDPOINT_URL_BEDROCK_RUNTIME: secret(webAddress, `Address of Bedrock. ${OWN}`),
}
