import type { z } from 'zod'
import type { Issue, Part } from './faults.ts'

/** What a schema found wrong with a part of a request, in the words published clients know. Shows nothing of the input. */
export const issuesOf = (part: Part, error: z.ZodError): readonly Issue[] =>
  error.issues.map(issue => ({
    loc: [part, ...issue.path.map(step => (typeof step === 'number' ? step : String(step)))],
    ...said(issue),
  }))

type Said = Pick<Issue, 'msg' | 'type'>

function said(issue: z.core.$ZodIssue): Said {
  // The schemas run with `reportInput`, so an issue without input is about something that is not there.
  if (issue.input === undefined && (issue.code === 'invalid_type' || issue.code === 'invalid_value')) {
    return { msg: 'Field required', type: 'missing' }
  }
  switch (issue.code) {
    case 'invalid_type':
      return wrongType(issue.expected)
    case 'too_small':
    case 'too_big':
      return outOfBounds(issue)
    case 'invalid_value':
      return { msg: `Input should be ${choice(issue.values.map(value => `'${String(value)}'`))}`, type: 'enum' }
    case 'invalid_format':
      return wrongFormat(issue.format, issue.message)
    default:
      return { msg: `Value error, ${issue.message}`, type: 'value_error' }
  }
}

const TYPES: Partial<Record<z.core.$ZodInvalidTypeExpected, Said>> = {
  string: { msg: 'Input should be a valid string', type: 'string_type' },
  boolean: { msg: 'Input should be a valid boolean', type: 'bool_type' },
  int: { msg: 'Input should be a valid integer', type: 'int_type' },
  number: { msg: 'Input should be a valid number', type: 'float_type' },
  array: { msg: 'Input should be a valid list', type: 'list_type' },
  object: { msg: 'Input should be a valid dictionary', type: 'dict_type' },
}

const wrongType = (expected: z.core.$ZodInvalidTypeExpected): Said =>
  TYPES[expected] ?? { msg: `Input should be a valid ${expected}`, type: `${expected}_type` }

function outOfBounds(issue: z.core.$ZodIssueTooSmall | z.core.$ZodIssueTooBig): Said {
  const small = issue.code === 'too_small'
  const bound = String(small ? issue.minimum : issue.maximum)
  switch (issue.origin) {
    case 'string':
      return {
        msg: `String should have at ${small ? 'least' : 'most'} ${bound} character${bound === '1' ? '' : 's'}`,
        type: small ? 'string_too_short' : 'string_too_long',
      }
    case 'array':
      return {
        msg: `List should have at ${small ? 'least' : 'most'} ${bound} item${bound === '1' ? '' : 's'}`,
        type: small ? 'too_short' : 'too_long',
      }
    default:
      return {
        msg: `Input should be ${small ? 'greater' : 'less'} than or equal to ${bound}`,
        type: small ? 'greater_than_equal' : 'less_than_equal',
      }
  }
}

function wrongFormat(format: string, message: string): Said {
  switch (format) {
    case 'url':
      return { msg: 'Input should be a valid URL', type: 'url_parsing' }
    case 'guid':
    case 'uuid':
      return { msg: 'Input should be a valid UUID', type: 'uuid_parsing' }
    default:
      // A pattern of the protocol's own says itself what it wants.
      return { msg: message, type: message.endsWith('integer') ? 'int_parsing' : 'string_pattern_mismatch' }
  }
}

const choice = (words: readonly string[]): string =>
  words.length < 2 ? words.join() : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`
