import { createHash } from 'node:crypto'
import type { Refusal, Snapshot, SourceFile } from '../../src/source/source.js'

export function sourceFile(path: string, content: string | Uint8Array): SourceFile {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content
  return { path, bytes, hash: createHash('sha256').update(bytes).digest('hex') }
}

/** A snapshot of files as a source would give it; files of `before` with the same content keep their object. */
export function snapshotOf(
  contents: Readonly<Record<string, string | Uint8Array>>,
  before?: Snapshot,
  refusals: readonly Refusal[] = [],
): Snapshot {
  const files = new Map<string, SourceFile>()
  for (const path of Object.keys(contents).sort()) {
    const file = sourceFile(path, contents[path] ?? '')
    const known = before?.files.get(path)
    files.set(path, known?.hash === file.hash ? known : file)
  }
  const hash = createHash('sha256')
  for (const file of files.values()) hash.update(`${file.path}\n${file.hash}\n`)
  return { revision: `sha256:${hash.digest('hex')}`, files, refusals }
}

/** A valid Mock document as YAML. */
export function mockYaml(name: string, more = '', namespace = 'payments'): string {
  return `apiVersion: callboard/v1
kind: Mock
metadata:
  name: ${name}
  namespace: ${namespace}
spec:
  http:
    route: /${name}
    httpMethod: GET
  response:
    statusCode: 200
    payload:
      ok: true
${more}`
}
