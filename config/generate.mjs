// Generates from schemas/: TypeScript types, and validators that load in milliseconds because nothing is compiled at
// run time; and such a validator of the settings. `--check` writes nothing and exits with 1 when what is in the repository
// is stale.
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import Ajv2020 from 'ajv/dist/2020.js'
import standalone from 'ajv/dist/standalone/index.js'
import formats from 'ajv-formats'
import { compile } from 'json-schema-to-typescript'

const root = fileURLToPath(new URL('..', import.meta.url))
const schemaFolder = join(root, 'schemas')
const outFolder = join(root, 'src/resources/generated')
const settingsSchema = join(root, 'config/settings.schema.json')
const settingsFolder = join(root, 'src/generated')
const banner = '// Generated from schemas/ by `npm run generate`. Do not edit.\n'
const settingsBanner = '// Generated from config/settings.schema.json by `npm run generate`. Do not edit.\n'
/** Not kinds: shared definitions, and the schema that dispatches to the kinds. */
const shared = new Set(['common', 'resource'])

const ending = '.schema.json'
const base = 'https://callboard.invalid/'

function schemasIn(folder) {
  return new Map(
    readdirSync(folder)
      .filter((file) => file.endsWith(ending))
      .sort()
      .map((file) => [basename(file, ending), JSON.parse(readFileSync(join(folder, file), 'utf8'))]),
  )
}

/** The configurations of channels, by type. */
const channelTypes = schemasIn(join(schemaFolder, 'channel'))
const channelFile = join(schemaFolder, `channel${ending}`)
const channelText = withChannelTypes(readFileSync(channelFile, 'utf8'))
const schemas = schemasIn(schemaFolder).set('channel', JSON.parse(channelText))
const kinds = [...schemas.keys()].filter((name) => !shared.has(name))

/** The schema of channels with a branch for every type: a new type is a file in schemas/channel and nothing else. */
function withChannelTypes(text) {
  const indented = (lines, spaces) =>
    lines
      .join('\n')
      .replace(/^(?=.)/gm, ' '.repeat(spaces))
      .trimStart()
  const names = [...channelTypes.keys()].map((name) => JSON.stringify(name))
  const inline = `"enum": [${names.join(', ')}]`
  // As the formatter has it: on one line when there is room for it.
  const types = inline.length <= 110 ? inline : indented(['"enum": [', `  ${names.join(',\n  ')}`, ']'], 10)
  const branches = [...channelTypes].map(([type, { required = [], oneOf, anyOf }]) => {
    const needed = required.length > 0 || oneOf !== undefined || anyOf !== undefined
    return [
      '{',
      '  "if": {',
      '    "properties": {',
      '      "type": {',
      `        "const": ${JSON.stringify(type)}`,
      '      }',
      '    },',
      '    "required": ["type"]',
      '  },',
      '  "then": {',
      '    "properties": {',
      '      "config": {',
      `        "$ref": "channel/${type}${ending}"`,
      '      }',
      `    }${needed ? ',' : ''}`,
      ...(needed ? ['    "required": ["config"]'] : []),
      '  }',
      '}',
    ].join('\n')
  })
  const branchText = indented(['"allOf": [', branches.join(',\n').replace(/^/gm, '  '), ']'], 6)
  return text
    .replace(/(?<="title": "ChannelTypeName",\n.*\n +)"enum": \[[^\]]*\]/, types)
    .replace(/(?<=^ {6})"allOf": \[[\s\S]*?\](?=\n {4}\}\n)/m, branchText)
}

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
    // References between folders need a base that they can be resolved against.
    schemas: [...schemas.values(), ...channelTypes.values()].map((schema) => ({ ...schema, $id: base + schema.$id })),
    code: { source: true, esm: true, lines: true },
  })
  ajv.addVocabulary(['x-unit', 'x-ignore-case', 'x-hints', 'x-secret', 'x-recipients', 'x-overrides', 'x-limits'])
  formats.default(ajv)
  const exported = Object.fromEntries(kinds.map((name) => [`validate${pascal(name)}`, `${base}${name}${ending}`]))
  return banner + moduleOf(standalone.default(ajv, exported))
}

function settingsValidator() {
  const schema = JSON.parse(readFileSync(settingsSchema, 'utf8'))
  const ajv = new Ajv2020.default({ allErrors: true, strict: false, code: { source: true, esm: true, lines: true } })
  ajv.addSchema(schema, 'settings')
  return settingsBanner + moduleOf(standalone.default(ajv, { validateSettings: 'settings' }))
}

/** ajv writes `require(…)` for its run-time helpers even into ES modules. */
function moduleOf(code) {
  const prelude = "import { createRequire } from 'node:module'\n\nconst require = createRequire(import.meta.url)\n"
  return `${prelude}${code.replace(/^"use strict";/, '')}\n`
}

/** Declarations of functions that take a value and keep what is wrong with it. */
function declarations(argument, names) {
  const validator = `interface Validator {\n  (${argument}: unknown): boolean\n  errors?: ErrorObject[] | null\n}\n\n`
  const exported = names.map((name) => `export declare const ${name}: Validator\n`).join('')
  return `import type { ErrorObject } from 'ajv'\n\n${validator}${exported}`
}

const pascal = (name) => name.replace(/(^|-)(\w)/g, (_, __, letter) => letter.toUpperCase())

const outputs = new Map()
const write = (folder, file, text) => outputs.set(join(folder, file), text)
for (const name of kinds) write(outFolder, `${name}.ts`, await types(name))
write(outFolder, 'validate.js', validators())
const validatorNames = kinds.map((name) => `validate${pascal(name)}`)
write(outFolder, 'validate.d.ts', banner + declarations('document', validatorNames))
const versionComment = '/** Changes with any schema: what was validated by another version is validated again. */'
const schemaVersion = createHash('sha256')
  .update(JSON.stringify([...schemas, ...channelTypes]))
  .digest('hex')
  .slice(0, 16)
write(outFolder, 'version.ts', `${banner}${versionComment}\nexport const schemaVersion = '${schemaVersion}'\n`)
outputs.set(channelFile, channelText)
write(settingsFolder, 'validate-settings.js', settingsValidator())
write(settingsFolder, 'validate-settings.d.ts', settingsBanner + declarations('settings', ['validateSettings']))

const read = (file) => (existsSync(file) ? readFileSync(file, 'utf8') : undefined)
const stale = [...outputs].filter(([file, text]) => read(file) !== text).map(([file]) => file)
if (process.argv.includes('--check')) {
  for (const file of stale) console.error(`${relative(root, file)} is stale: run npm run generate`)
  process.exit(stale.length === 0 ? 0 : 1)
}
for (const file of stale) {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, outputs.get(file))
}
const written = stale.map((file) => relative(root, file))
console.log(written.length === 0 ? 'nothing to do' : `wrote ${written.join(', ')}`)
