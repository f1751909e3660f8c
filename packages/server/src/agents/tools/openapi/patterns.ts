/** An operation as patterns see it. */
export interface Named {
  readonly method: string
  /** With `{names}` in it. */
  readonly path: string
  readonly id: string | null
}

/**
 * Whether a pattern names an operation: by its operationId, by its path, or by method and path. `*` stands for any characters:
 * `listOrders`, `/orders/*`, `GET /orders/*`.
 */
export function selects(pattern: string): (operation: Named) => boolean {
  const [, method, path] = /^(?:([A-Z]+) )?(\/.*)$/.exec(pattern) ?? []
  const is = matcher(path ?? pattern)
  if (path === undefined) return ({ id }) => id !== null && is(id)
  return operation => (method === undefined || operation.method === method) && is(operation.path)
}

function matcher(pattern: string): (text: string) => boolean {
  const parts = pattern.split(/\*+/).map(part => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  const whole = new RegExp(`^${parts.join('.*')}$`)
  return text => whole.test(text)
}
