/** A uuid as it is stored: 16 bytes. */
export const blob = (uuid: string): Uint8Array => Buffer.from(uuid.replaceAll('-', ''), 'hex')

/** A digest, or what `hex()` made of a blob, as it is stored: its bytes. */
export const bytes = (hex: string): Uint8Array => Buffer.from(hex, 'hex')

/**
 * A stored uuid as text. Statements select `hex(id)`, because a text costs a fraction of what a blob costs on its way
 * out of SQLite. The caller names the kind of id; only ids of that kind were stored in that column.
 */
export function uuid<Id extends string>(hex: string): Id {
  const text = hex.toLowerCase()
  return `${text.slice(0, 8)}-${text.slice(8, 12)}-${text.slice(12, 16)}-${text.slice(16, 20)}-${text.slice(20)}` as Id
}

/** `uuid` for columns that may be NULL, whose hex is empty. */
export const uuidOrNull = <Id extends string>(hex: string): Id | null => (hex === '' ? null : uuid<Id>(hex))
