/** A variable of the environment; undefined where it is empty, or where there is no environment, as in a browser. */
export function environment(name: string): string | undefined {
  // Named by its shape: in a browser `process` isn't there, and its type isn't ours to rely on.
  const { process } = globalThis as { process?: { env?: Record<string, string | undefined> } }
  return process?.env?.[name] || undefined
}

/** Where the page came from; undefined where there is no page, or one that came from a file. */
export function pageOrigin(): string | undefined {
  // Named by its shape: Node has no `location`.
  const { location } = globalThis as { location?: { readonly origin: string } }
  return location?.origin.startsWith('http') ? location.origin : undefined
}
