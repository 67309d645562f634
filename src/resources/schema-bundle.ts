import { readFileSync } from 'node:fs'
import { posix } from 'node:path'

const folder = new URL('../../schemas/', import.meta.url)

type Node = { [key: string]: unknown }

/**
 * A schema with everything it refers to inside, so that one file is enough for an editor. `name`: `mock`, or `resource`
 * for the one that covers all kinds.
 */
export function bundleSchema(name: string): Node {
  const root = `${name}.schema.json`
  const parts = new Map<string, Node>()
  const { $id: _id, ...whole } = read(root)
  const schema = withLocalReferences(whole, root, root, parts)
  const bundled = { ...(schema.$defs as Node | undefined), ...Object.fromEntries([...parts].sort()) }
  return Object.keys(bundled).length === 0 ? schema : { ...schema, $defs: bundled }
}

/** A copy of `node`, which stands in `file`. What it refers to in other files is added to `parts`. */
function withLocalReferences(node: Node, file: string, root: string, parts: Map<string, Node>): Node {
  const copy = (value: unknown, key: string): unknown => {
    if (key === '$ref' && typeof value === 'string') return local(value, file, root, parts)
    if (Array.isArray(value)) return value.map((item) => copy(item, ''))
    if (value === null || typeof value !== 'object') return value
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, copy(item, name)]))
  }
  return copy(node, '') as Node
}

function local(reference: string, file: string, root: string, parts: Map<string, Node>): string {
  const [named = '', pointer = ''] = reference.split('#')
  const target = named === '' ? file : posix.join(posix.dirname(file), named)
  if (target === root) return `#${pointer}`
  if (!parts.has(target)) {
    // Before it is filled: two files may refer to one another.
    parts.set(target, {})
    const { $id: _id, $schema: _schema, ...part } = read(target)
    parts.set(target, withLocalReferences(part, target, root, parts))
  }
  return `#/$defs/${target.replaceAll('/', '~1')}${pointer}`
}

function read(file: string): Node {
  return JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as Node
}
