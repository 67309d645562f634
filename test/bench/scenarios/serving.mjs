// A static and a templated mock beside the same answers written by hand.
import { join } from 'node:path'
import {
  renderOrder,
  staticAnswer,
  staticMock,
  staticRequest,
  templatedMock,
  templatedRequest,
} from '../corpus/answers.mjs'
import { writeJsonFiles } from '../corpus/files.mjs'
import { startCallboard } from '../harness/callboard.mjs'
import { Child, pathOf } from '../harness/child.mjs'
import { comparison } from '../harness/comparison.mjs'
import { alternate } from '../harness/rounds.mjs'

const kinds = {
  static: { request: staticRequest, answer: staticAnswer, target: 1.15, koa: 'bare Koa' },
  templated: {
    request: templatedRequest,
    answer: JSON.stringify(renderOrder(JSON.parse(templatedRequest.body), templatedRequest.path)),
    target: 1.25,
    koa: 'hand-written Koa',
  },
}

export const title = 'Serving: CPU per request'

export async function run({ workspace, profile, effort }) {
  const directory = join(workspace, 'serving')
  writeJsonFiles(directory, [staticMock, templatedMock])
  const findings = []
  for (const [kind, { request, answer, target, koa }] of Object.entries(kinds)) {
    // A process of its own for each kind: what one kind of request teaches the compiler is no gift to the other.
    const callboard = await startCallboard({ directory, workspace, profile })
    const baselines = {}
    try {
      for (const name of ['koa', 'node-http']) {
        const child = new Child(name, pathOf(`../baselines/${name}.mjs`, import.meta.url), [kind])
        baselines[name] = { child, ...(await child.message(({ url }) => url !== undefined)) }
      }
      const expect = { status: 200, bytes: Buffer.byteLength(answer) }
      const requests = [request]
      const contenders = [
        { name: 'callboard', child: callboard.child, url: callboard.url, requests, expect },
        ...Object.entries(baselines).map(([name, { child, url }]) => ({ name, child, url, requests, expect })),
      ]
      const measured = await alternate(contenders, effort.serving)
      for (const [name, { first }] of Object.entries(measured)) {
        if (first.body !== answer) throw new Error(`${name} answers other bytes: ${first.body}`)
      }
      findings.push(
        comparison({
          scenario: 'serving',
          name: `${kind} mock against ${koa}`,
          measured,
          of: 'callboard',
          over: 'koa',
          target,
        }),
        comparison({
          scenario: 'serving',
          name: `${kind} mock against node:http`,
          measured,
          of: 'callboard',
          over: 'node-http',
        }),
        comparison({ scenario: 'serving', name: `${koa} against node:http`, measured, of: 'koa', over: 'node-http' }),
      )
    } finally {
      await callboard.stop()
      for (const { child } of Object.values(baselines)) await child.stop()
    }
  }
  return findings
}
