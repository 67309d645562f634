// Generates from schemas/: TypeScript types, and validators that load in milliseconds because nothing is compiled at
// run time. `--check` writes nothing and exits with 1 when what is in the repository is stale.
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import Ajv2020 from 'ajv/dist/2020.js'
import standalone from 'ajv/dist/standalone/index.js'
import formats from 'ajv-formats'
import { compile } from 'json-schema-to-typescript'

const root = fileURLToPath(new URL('..', import.meta.url))
const schemaFolder = join(root, 'schemas')
const outFolder = join(root, 'src/resources/generated')
const banner = '// Generated from schemas/ by `npm run generate`. Do not edit.\n'
/** Not kinds: shared definitions, and the schema that dispatches to the kinds. */
const shared = new Set(['common', 'resource'])

const schemas = new Map(
  readdirSync(schemaFolder)
    .filter((file) => file.endsWith('.schema.json'))
    .sort()
    .map((file) => [basename(file, '.schema.json'), JSON.parse(readFileSync(join(schemaFolder, file), 'utf8'))]),
)
const kinds = [...schemas.keys()].filter((name) => !shared.has(name))

/** Rules about which fields go together: validators need them, as types they only make unions that nobody can read. */
const rules = new Set(['if', 'then', 'else', 'allOf', 'not'])
const restricting = ['type', 'enum', 'const', 'properties', 'oneOf', 'anyOf', '$defs']
const onlyRequires = (branches) => branches.every((branch) => Object.keys(branch).every((key) => key === 'required'))

/** The schema as types are made from it: one document without rules, references without siblings. */
function shape(schema) {
  if (Array.isArray(schema)) return schema.map(shape)
  if (schema === null || typeof schema !== 'object') return schema
  if (typeof schema.$ref === 'string') return { $ref: schema.$ref.replace(/^common\.schema\.json/, '') }
  // "One, or a list": the rule that says so is an if/then.
  if (schema.else?.$ref) {
    const item = shape(schema.else)
    return { description: schema.description, anyOf: [item, { type: 'array', items: item }] }
  }
  if (schema.description && !restricting.some((key) => key in schema)) return { ...schema, tsType: 'unknown' }
  return Object.fromEntries(
    Object.entries(schema)
      .filter(
        ([key, value]) =>
          !rules.has(key) && !(/^(one|any)Of$/.test(key) && Array.isArray(value) && onlyRequires(value)),
      )
      .map(([key, value]) => [key, key === 'properties' || key === '$defs' ? mapValues(value, shape) : shape(value)]),
  )
}
const mapValues = (object, f) => Object.fromEntries(Object.entries(object).map(([key, value]) => [key, f(value)]))

function types(name) {
  const schema = shape(schemas.get(name))
  schema.$defs = { ...mapValues(schemas.get('common').$defs, shape), ...schema.$defs }
  return compile(schema, name, {
    bannerComment: banner.trim(),
    unreachableDefinitions: false,
    ignoreMinAndMaxItems: true,
    style: { singleQuote: true, semi: false, printWidth: 120 },
  })
}

function validators() {
  const ajv = new Ajv2020.default({
    allErrors: true,
    verbose: true,
    allowUnionTypes: true,
    strictRequired: false,
    strictTypes: false,
    schemas: [...schemas.values()],
    code: { source: true, esm: true, lines: true },
  })
  ajv.addVocabulary(['x-unit', 'x-ignore-case', 'x-hints', 'x-secret'])
  formats.default(ajv)
  const exported = Object.fromEntries(kinds.map((name) => [`validate${pascal(name)}`, `${name}.schema.json`]))
  const code = standalone.default(ajv, exported)
  // ajv writes `require(…)` for its run-time helpers even into ES modules.
  const prelude = "import { createRequire } from 'node:module'\n\nconst require = createRequire(import.meta.url)\n"
  return `${banner}${prelude}${code.replace(/^"use strict";/, '')}\n`
}

const pascal = (name) => name.replace(/(^|-)(\w)/g, (_, __, letter) => letter.toUpperCase())

const outputs = new Map()
for (const name of kinds) outputs.set(`${name}.ts`, await types(name))
outputs.set('validate.js', validators())
outputs.set(
  'validate.d.ts',
  `${banner}import type { ErrorObject } from 'ajv'\n\ninterface Validator {\n  (document: unknown): boolean\n  errors?: ErrorObject[] | null\n}\n\n` +
    kinds.map((name) => `export declare const validate${pascal(name)}: Validator\n`).join(''),
)
outputs.set(
  'version.ts',
  `${banner}/** Changes with any schema: what was validated by another version is validated again. */\nexport const schemaVersion = '${createHash(
    'sha256',
  )
    .update(JSON.stringify([...schemas]))
    .digest('hex')
    .slice(0, 16)}'\n`,
)

const read = (file) => (existsSync(join(outFolder, file)) ? readFileSync(join(outFolder, file), 'utf8') : undefined)
const stale = [...outputs].filter(([file, text]) => read(file) !== text).map(([file]) => file)
if (process.argv.includes('--check')) {
  for (const file of stale) console.error(`src/resources/generated/${file} is stale: run npm run generate`)
  process.exit(stale.length === 0 ? 0 : 1)
}
mkdirSync(outFolder, { recursive: true })
for (const file of stale) writeFileSync(join(outFolder, file), outputs.get(file))
console.log(stale.length === 0 ? 'nothing to do' : `wrote ${stale.join(', ')}`)
