// Makes the two pages, with everything they need: node examples/agents/build.ts FOLDER
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { rolldown } from 'rolldown'

const source = (file: string): string => join(import.meta.dirname, file)

/** A program of the page as one module that loads no other. */
async function bundled(file: string): Promise<string> {
  const build = await rolldown({
    input: source(file),
    platform: 'browser',
    logLevel: 'silent',
    transform: { define: { 'process.env.NODE_ENV': '"production"' } },
  })
  const { output } = await build.generate({ format: 'esm', minify: true })
  await build.close()
  return output[0].code
}

/** Every file, by its name. They may be served from any path of the server whose agents they talk with. */
export async function pages(): Promise<Readonly<Record<string, string>>> {
  const [page, chat] = await Promise.all([bundled('page.ts'), bundled('chat.tsx')])
  const copied = ['index.html', 'react.html', 'style.css'].map(file => [file, readFileSync(source(file), 'utf8')])
  return { ...Object.fromEntries(copied), 'page.js': page, 'chat.js': chat }
}

if (import.meta.main) {
  const folder = process.argv[2] ?? 'agents-pages'
  mkdirSync(folder, { recursive: true })
  for (const [file, text] of Object.entries(await pages())) writeFileSync(join(folder, file), text)
  console.log(`Put ${folder} where the server's own pages are, or behind the same proxy.`)
}
