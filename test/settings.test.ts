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
    expect(network).toEqual({ allow: ['10.0.0.0/8', '127.0.0.1:3000'], allowPrivate: true })
    expect(reconcile.maxPrune).toBe(0.25)
    expect(defaultNamespace).toBe('team-a')
    expect(delivery.poolSize).toBe(25)
  })

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

  it('says which file is missing', () => {
    expect(() => loadSettings({ file: '/nowhere/settings.yaml', env: {} })).toThrow(SettingsError)
  })
})
