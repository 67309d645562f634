import type { Problem } from '../problem.js'
import { type Report, summary } from './report.js'

/** JUnit XML: a failed test for each error, a passed one with output for each warning. */
export function renderJunit(report: Report): string {
  const { problems } = report
  const errors = problems.filter(({ severity }) => severity === 'error').length
  const cases = problems.length === 0 ? [passed(report)] : problems.map(testCase)
  const counts = `tests="${cases.length}" failures="${errors}" errors="0" skipped="0"`
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="callboard validate" ${counts}>`,
    `  <testsuite name="callboard validate" ${counts}>`,
    ...cases,
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n')
}

function passed(report: Report): string {
  return `    <testcase classname="callboard" name="${escapeXml(summary(report))}"/>`
}

function testCase({ file, line, column, severity, rule, message, hint }: Problem): string {
  const place = `${file}:${line}:${column}`
  const text = `${place}: ${severity}: ${message} [${rule}]${hint === undefined ? '' : `\nhint: ${hint}`}`
  const body =
    severity === 'error'
      ? `      <failure type="${escapeXml(rule)}" message="${escapeXml(message)}">${escapeXml(text)}</failure>`
      : `      <system-out>${escapeXml(text)}</system-out>`
  const head = `    <testcase classname="${escapeXml(file)}" name="${escapeXml(`${place} ${rule}`)}" file="${escapeXml(file)}" line="${line}">`
  return `${head}\n${body}\n    </testcase>`
}

/** XML 1.0 has no way at all to write most control characters. */
function escapeXml(text: string): string {
  return text
    .replace(/[\p{Cc}\p{Cs}\ufffe\uffff]/gu, (char) => (char === '\n' || char === '\t' ? char : '\ufffd'))
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll('\n', '&#10;')
}
