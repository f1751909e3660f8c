// npm run example -- NAME [--live]
import { globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'

const folder = import.meta.dirname
const names = globSync('*.ts', { cwd: folder, exclude: ['run.ts'] })
  .map(file => basename(file, '.ts'))
  .sort()

const [name = ''] = process.argv.slice(2)
if (names.includes(name)) await import(join(folder, `${name}.ts`))
else {
  console.error('Usage: npm run example -- NAME [--live]\n')
  for (const known of names) console.error(`  ${known.padEnd(24)} ${summary(known)}`)
  process.exitCode = 2
}

/** The first line of an example says what it does. */
function summary(known: string): string {
  const [line = ''] = readFileSync(join(folder, `${known}.ts`), 'utf8').split('\n')
  return line.replace(/^\/\/ /, '')
}
