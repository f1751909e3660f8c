// After `tsc -b` there is a dist folder here and in the protocol package. Makes each a package ready for `npm publish`.
import { readFileSync, writeFileSync } from 'node:fs'

const read = (path: string) => JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8'))

const entry = (name: string) => ({ types: `./${name}.d.ts`, default: `./${name}.js` })

const pack = (folder: string, exports: object) => {
  const { private: _, scripts, devDependencies, ...manifest } = read(`${folder}/package.json`)
  const published = { ...manifest, exports, files: ['**/*.js', '**/*.d.ts'], sideEffects: false }
  writeFileSync(new URL(`${folder}/dist/package.json`, import.meta.url), `${JSON.stringify(published, null, 2)}\n`)
}

const names = ['agents', 'assistant', 'chat', 'react', 'rooms']
pack('.', { '.': entry('index'), ...Object.fromEntries(names.map(name => [`./${name}`, entry(`${name}/index`)])) })
pack('../protocol', { './*': entry('*') })
