/** A frame that the protocol's page shows. */
export interface Example {
  readonly from: 'client' | 'server'
  readonly level: 'documented' | 'level2'
  readonly frame: Readonly<Record<string, unknown>>
}

/** The frames of a page, in their order: fences that say `json client` or `json server`, and then `2` for level 2. */
export function examplesOf(page: string): readonly Example[] {
  return [...page.matchAll(/```json (client|server)( 2)?\n([\s\S]*?)```/g)].map(([, from, two, text = '']) => ({
    from: from === 'client' ? 'client' : 'server',
    level: two ? 'level2' : 'documented',
    frame: JSON.parse(text),
  }))
}
