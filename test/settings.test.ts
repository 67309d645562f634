import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { loadSettings, SettingsError } from '../src/settings.js'

function file(text: string): string {
  const path = join(mkdtempSync(join(tmpdir(), 'callboard-settings-')), 'settings.yaml')
  writeFileSync(path, text)
  return path
}

describe('settings', () => {
  it('has a default for everything that is not optional', () => {
    const settings = loadSettings({ env: {} })
    expect(settings.ports).toEqual({ resolver: 5770, control: 5790 })
    expect(settings.bind.control).toBe('127.0.0.1')
    expect(settings.network.allowPrivate).toBe(false)
  })

  it('lets a file win over defaults, the environment over the file, and flags over all', () => {
    const settings = loadSettings({
      file: file('ports: {resolver: 1, control: 2}\nlog: {level: warn}\n'),
      env: { CALLBOARD_PORTS_CONTROL: '3', CALLBOARD_LOG_LEVEL: 'debug' },
      flags: { log: { level: 'error' }, stateDir: undefined },
    })
    expect(settings.ports).toEqual({ resolver: 1, control: 3 })
    expect(settings.log.level).toBe('error')
    expect(settings.stateDir).toBe('.callboard')
  })

  it('reads lists, numbers and flags from the environment', () => {
    const { network, reconcile, defaultNamespace, delivery } = loadSettings({
      env: {
        CALLBOARD_NETWORK_ALLOW: '10.0.0.0/8, 127.0.0.1:3000',
        CALLBOARD_RECONCILE_MAX_PRUNE: '0.25',
        CALLBOARD_DEFAULT_NAMESPACE: 'team-a',
        ALLOW_PROXY_TO_PRIVATE_IPS: 'true',
        WEBHOOK_POOL_SIZE: '25',
      },
    })
    expect(network).toEqual({ allow: ['10.0.0.0/8', '127.0.0.1:3000'], allowGit: [], allowPrivate: true, proxy: {} })
    expect(reconcile.maxPrune).toBe(0.25)
    expect(defaultNamespace).toBe('team-a')
    expect(delivery.poolSize).toBe(25)
  })

  const bomb = ['a: &a [x, x, x, x, x, x, x, x, x, x]', ...'bcdef'].reduce(
    (text, key, at) =>
      `${text}\n${key}: &${key} [${Array(10)
        .fill(`*${'abcdef'[at - 1]}`)
        .join(', ')}]`,
  )
  const mistakes = [
    {
      name: 'an unknown setting names its line and the nearest',
      text: 'log:\n  levle: debug\n',
      want: /settings\.yaml:2:3: log\.levle is no setting; did you mean "level"\?/,
    },
    {
      name: 'a wrong type names its line',
      text: 'ports:\n  resolver: many\n',
      want: /settings\.yaml:2:3: ports\.resolver must be integer/,
    },
    { name: 'a wrong choice lists the right ones', text: 'log: {level: loud}', want: /must be one of fatal, error/ },
    { name: 'broken YAML names its place', text: 'a: [', want: /settings\.yaml:1:\d+: / },
    { name: 'half of a TLS pair is refused', text: 'tls: {cert: a.pem}', want: /cert and key are needed together/ },
    { name: 'a bomb of aliases is refused', text: bomb, want: /settings\.yaml: .*alias/i },
    { name: 'an alias to nothing is refused', text: 'log: *nowhere', want: /settings\.yaml/ },
    { name: 'a key that is there twice names its place', text: 'log: {}\nlog: {}', want: /settings\.yaml:2:1: / },
    {
      name: 'keys of the prototype are no settings',
      text: '__proto__: {strict: true}',
      want: /__proto__ is no setting/,
    },
    {
      name: 'one port cannot serve both',
      text: 'ports: {resolver: 5790}',
      want: /resolver and control are both 5790/,
    },
    { name: 'a list is no settings', text: '- a', want: /settings are a mapping/ },
  ]
  for (const { name, text, want } of mistakes) {
    it(name, () => expect(() => loadSettings({ file: file(text), env: {} })).toThrow(want))
  }

  it('names the environment variable that is wrong', () => {
    expect(() => loadSettings({ env: { CALLBOARD_PORTS_RESOLVER: 'x' } })).toThrow(
      /environment variable CALLBOARD_PORTS_RESOLVER must be integer/,
    )
  })

  it('says what a name is that is nearly one of ours', () => {
    expect(() => loadSettings({ env: { CALLBOARD_LOG_LEVLE: 'debug' } })).toThrow(
      'environment variable CALLBOARD_LOG_LEVLE is no setting; did you mean CALLBOARD_LOG_LEVEL?',
    )
  })

  it('leaves other names alone: those of commands, and what Kubernetes makes for a service', () => {
    const env = {
      CALLBOARD_TOKEN: 't',
      CALLBOARD_CONTROL_URL: 'http://localhost:5790',
      CALLBOARD_SERVICE_HOST: '10.0.0.1',
      CALLBOARD_SERVICE_PORT: '5770',
      CALLBOARD_PORT: 'tcp://10.0.0.1:5770',
      CALLBOARD_PORT_5770_TCP: 'tcp://10.0.0.1:5770',
      CALLBOARD_PORT_5770_TCP_ADDR: '10.0.0.1',
    }
    expect(loadSettings({ env })).toEqual(loadSettings({ env: {} }))
  })

  it('allows one port for two addresses, and any port for both', () => {
    expect(loadSettings({ env: {}, flags: { ports: { resolver: 0, control: 0 } } }).ports.control).toBe(0)
    const flags = { ports: { resolver: 5790 }, bind: { resolver: '10.0.0.1' } }
    expect(loadSettings({ env: {}, flags }).ports.resolver).toBe(5790)
  })

  it('says which file is missing', () => {
    expect(() => loadSettings({ file: '/nowhere/settings.yaml', env: {} })).toThrow(SettingsError)
  })
})
