import { readFileSync } from 'node:fs'
import { createSecureContext } from 'node:tls'
import { type Settings, SettingsError } from './settings.js'

/** The certificate and key that settings name; undefined when they name none. Throws `SettingsError`. */
export function readTls({ tls }: Settings): { cert: Buffer; key: Buffer } | undefined {
  if (tls.cert === undefined || tls.key === undefined) return undefined
  const pair = { cert: readPem('cert', tls.cert), key: readPem('key', tls.key) }
  try {
    createSecureContext(pair)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new SettingsError(`tls: ${tls.cert} and ${tls.key} cannot be used: ${reason}`)
  }
  return pair
}

function readPem(name: 'cert' | 'key', file: string): Buffer {
  try {
    return readFileSync(file)
  } catch (error) {
    throw new SettingsError(`tls.${name}: ${error instanceof Error ? error.message : error}`)
  }
}
