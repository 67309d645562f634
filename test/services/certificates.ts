// Certificates by the openssl command: Node.js can read them but not make them.

import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Files in PEM, and the certificate of the authority also as text, for a client's `ca`. */
export interface Certificates {
  readonly ca: string
  readonly caFile: string
  /** The server's certificate, followed by that of the authority. */
  readonly certificateFile: string
  /** PKCS #8, without a password. */
  readonly keyFile: string
}

const forever = ['-days', '3650', '-nodes', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1']

/** An authority of its own, and a certificate by it for `localhost`, 127.0.0.1 and ::1. Written to `folder`. */
export function makeCertificates(folder: string): Certificates {
  const file = (name: string): string => join(folder, name)
  const openssl = (...args: string[]): void => {
    execFileSync('openssl', args, { stdio: 'pipe', env: { ...process.env, OPENSSL_CONF: file('openssl.cnf') } })
  }
  // Not the machine's settings: they differ, and may not be there.
  writeFileSync(
    file('openssl.cnf'),
    [
      '[req]',
      'distinguished_name = name',
      '[name]',
      '[authority]',
      'basicConstraints = critical,CA:TRUE',
      'keyUsage = critical,keyCertSign,cRLSign',
      'subjectKeyIdentifier = hash',
      '[server]',
      'basicConstraints = CA:FALSE',
      'extendedKeyUsage = serverAuth',
      'subjectAltName = DNS:localhost,IP:127.0.0.1,IP:0:0:0:0:0:0:0:1',
      '',
    ].join('\n'),
  )
  const authority = ['-keyout', file('ca-key.pem'), '-out', file('ca.pem'), '-subj', '/CN=Callboard test authority']
  openssl('req', '-x509', ...forever, ...authority, '-extensions', 'authority')
  openssl('req', ...forever, '-keyout', file('key.pem'), '-out', file('request.pem'), '-subj', '/CN=localhost')
  const signed = ['-CA', file('ca.pem'), '-CAkey', file('ca-key.pem'), '-set_serial', String(Date.now())]
  const extensions = ['-extfile', file('openssl.cnf'), '-extensions', 'server']
  openssl(
    'x509',
    '-req',
    '-in',
    file('request.pem'),
    '-out',
    file('server.pem'),
    '-days',
    '3650',
    ...signed,
    ...extensions,
  )

  const ca = readFileSync(file('ca.pem'), 'utf8')
  writeFileSync(file('chain.pem'), readFileSync(file('server.pem'), 'utf8') + ca)
  return { ca, caFile: file('ca.pem'), certificateFile: file('chain.pem'), keyFile: file('key.pem') }
}
