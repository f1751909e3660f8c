/** Longest sum that is worked out, in UTF-16 units, and deepest nesting of brackets. */
const LENGTH_MAX = 200
const DEPTH_MAX = 50

const TOKEN = /\s*(?:(\d+(?:\.\d+)?|\.\d+)|([-+*/^()]))/y

/** What a sum of numbers, + - * / ^ and brackets comes to; undefined for any other text, and where there is no finite result. */
export function sumOf(text: string): number | undefined {
  const tokens = tokensOf(text)
  if (!tokens?.some(token => typeof token === 'string' && token !== '(' && token !== ')')) return undefined
  const sum = new Sum(tokens)
  const value = sum.added(0)
  return sum.isAtEnd && value !== undefined && Number.isFinite(value) ? value : undefined
}

type Token = number | string

function tokensOf(text: string): readonly Token[] | undefined {
  if (text.length > LENGTH_MAX) return undefined
  const sum = text
    .trim()
    .replace(/\s*=\s*\??$/, '')
    .replaceAll('×', '*')
    .replaceAll('÷', '/')
  const tokens: Token[] = []
  TOKEN.lastIndex = 0
  while (TOKEN.lastIndex < sum.length) {
    const [, digits, sign] = TOKEN.exec(sum) ?? []
    if (digits !== undefined) tokens.push(Number(digits))
    else if (sign !== undefined) tokens.push(sign)
    else return undefined
  }
  return tokens
}

/** Reads a sum from left to right: powers bind tightest, then signs, then products. Undefined where it makes no sense. */
class Sum {
  readonly #tokens: readonly Token[]
  #at = 0

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens
  }

  get isAtEnd(): boolean {
    return this.#at === this.#tokens.length
  }

  added(depth: number): number | undefined {
    let value = this.#product(depth)
    for (let sign = this.#take('+', '-'); sign && value !== undefined; sign = this.#take('+', '-')) {
      const right = this.#product(depth)
      value = right === undefined ? undefined : sign === '+' ? value + right : value - right
    }
    return value
  }

  #product(depth: number): number | undefined {
    let value = this.#signed(depth)
    for (let sign = this.#take('*', '/'); sign && value !== undefined; sign = this.#take('*', '/')) {
      const right = this.#signed(depth)
      value = right === undefined ? undefined : sign === '*' ? value * right : value / right
    }
    return value
  }

  #signed(depth: number): number | undefined {
    let factor = 1
    for (let sign = this.#take('+', '-'); sign; sign = this.#take('+', '-')) if (sign === '-') factor = -factor
    const value = this.#power(depth)
    return value === undefined ? undefined : factor * value
  }

  #power(depth: number): number | undefined {
    const base = this.#single(depth)
    if (base === undefined || !this.#take('^')) return base
    const exponent = depth < DEPTH_MAX ? this.#signed(depth + 1) : undefined
    return exponent === undefined ? undefined : base ** exponent
  }

  #single(depth: number): number | undefined {
    const token = this.#tokens[this.#at]
    if (typeof token === 'number') {
      this.#at++
      return token
    }
    if (depth >= DEPTH_MAX || !this.#take('(')) return undefined
    const value = this.added(depth + 1)
    return this.#take(')') ? value : undefined
  }

  #take(...signs: readonly string[]): string | undefined {
    const token = this.#tokens[this.#at]
    if (typeof token !== 'string' || !signs.includes(token)) return undefined
    this.#at++
    return token
  }
}
