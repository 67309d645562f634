// A temporary folder of declarations, changed as people and tools change files.

import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { onTestFinished } from 'vitest'

/** Takes what to do at the end; what came last is done first. */
export type Cleanup = (end: () => void | Promise<void>) => void

export class Folder {
  readonly base: string
  readonly root: string
  readonly state: string

  /** `cleanup` hears how to remove it: when the test ends, unless told otherwise. */
  constructor(files: Readonly<Record<string, string | Uint8Array>> = {}, cleanup: Cleanup = onTestFinished) {
    this.base = mkdtempSync(join(tmpdir(), 'callboard-e2e-'))
    this.root = join(this.base, 'config')
    this.state = join(this.base, 'state')
    cleanup(() => rmSync(this.base, { recursive: true, force: true }))
    mkdirSync(this.root)
    for (const [path, text] of Object.entries(files)) this.write(path, text)
  }

  at(path: string): string {
    return join(this.root, path)
  }

  /** In place, as `echo >` does. */
  write(path: string, text: string | Uint8Array): void {
    mkdirSync(dirname(this.at(path)), { recursive: true })
    writeFileSync(this.at(path), text)
  }

  /** By a file beside it that is renamed over it, as editors do. */
  replace(path: string, text: string | Uint8Array): void {
    const beside = join(dirname(this.at(path)), '.new~')
    writeFileSync(beside, text)
    renameSync(beside, this.at(path))
  }

  move(from: string, to: string): void {
    mkdirSync(dirname(this.at(to)), { recursive: true })
    renameSync(this.at(from), this.at(to))
  }

  remove(path: string): void {
    rmSync(this.at(path), { recursive: true })
  }
}

export interface MockOptions {
  readonly namespace?: string
  readonly annotations?: Readonly<Record<string, string>>
}

/** One document; JSON is YAML. */
export function mock(name: string, spec: unknown, { namespace, annotations }: MockOptions = {}): string {
  const metadata = { name, namespace, annotations }
  return `${JSON.stringify({ apiVersion: 'callboard/v1', kind: 'Mock', metadata, spec })}\n`
}

/** A mock that answers GET `/<name>` with `payload`. */
export function plain(name: string, payload: unknown, options: MockOptions = {}): string {
  return mock(name, { http: { route: `/${name}`, httpMethod: 'GET' }, response: { payload } }, options)
}

export function namespace(name: string, spec: unknown = {}): string {
  return `${JSON.stringify({ apiVersion: 'callboard/v1', kind: 'Namespace', metadata: { name }, spec })}\n`
}

export function documents(...all: readonly string[]): string {
  return all.join('---\n')
}
