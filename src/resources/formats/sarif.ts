import { createHash } from 'node:crypto'
import { type Report, sentence } from './report.js'

/** SARIF 2.1.0, for code scanning. */
export function renderSarif({ problems, prefix, version }: Report): string {
  const ids = [...new Set(problems.map(({ rule }) => rule))].sort()
  const results = problems.map((problem) => {
    const { rule, severity, file, line, column, endLine, endColumn, pointer } = problem
    return {
      ruleId: rule,
      ruleIndex: ids.indexOf(rule),
      level: severity,
      message: { text: sentence(problem) },
      locations: [
        {
          physicalLocation: {
            artifactLocation: { uri: encodePath(prefix + file), uriBaseId: '%SRCROOT%' },
            region: { startLine: line, startColumn: column, endLine, endColumn },
          },
          ...(pointer === '' ? {} : { logicalLocations: [{ fullyQualifiedName: pointer, kind: 'member' }] }),
        },
      ],
      // Lines move; the field that is wrong does not.
      partialFingerprints: {
        'callboard/v1': createHash('sha256')
          .update(`${rule}\n${file}\n${pointer}\n${problem.message}`)
          .digest('hex')
          .slice(0, 32),
      },
    }
  })
  const rules = ids.map((id) => ({ id, name: pascal(id), shortDescription: { text: id.replaceAll('-', ' ') } }))
  const log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [{ tool: { driver: { name: 'callboard', version, rules } }, columnKind: 'utf16CodeUnits', results }],
  }
  return `${JSON.stringify(log, null, 2)}\n`
}

function encodePath(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/')
}

function pascal(id: string): string {
  return id.replace(/(^|-)(\w)/g, (_, __, letter: string) => letter.toUpperCase())
}
