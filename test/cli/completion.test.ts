import { execFileSync, spawnSync } from 'node:child_process'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Folder } from './repository.js'
import { runCommand } from './run-command.js'

const script = async (shell: string) => (await runCommand(['completion', shell])).stdout
const isInstalled = (shell: string) => spawnSync(shell, ['-c', 'true']).status === 0

let folder: Folder
beforeAll(() => {
  folder = new Folder().write({ 'mocks/a.yaml': '', 'settings.yaml': '', 'with space.yaml': '' })
})
afterAll(() => folder.remove())

const cases: readonly { readonly words: readonly string[]; readonly want: readonly string[] }[] = [
  { words: ['val'], want: ['validate'] },
  { words: ['re'], want: ['reconcile', 'reset', 'restore', 'resume'] },
  { words: ['validate', '-o', ''], want: ['github', 'gitlab', 'json', 'junit', 'markdown', 'sarif', 'text'] },
  { words: ['plan', '--base', 'main', '--output', ''], want: ['json', 'markdown', 'text'] },
  { words: ['plan', '--det'], want: ['--detailed-exitcode'] },
  { words: ['explain', 'r'], want: ['request'] },
  { words: ['explain', 'event', 'x', '--rev'], want: ['--revision'] },
  { words: ['explain', 'request', 'GET', '/x', '--di'], want: ['--dir'] },
  { words: ['status', '--watch', '-o', 'y'], want: ['yaml'] },
  { words: ['get', 'Na'], want: ['Namespace', 'NamespaceWebhook'] },
  { words: ['schema', 'Mo'], want: ['Mock'] },
  { words: ['get', 'Mock', '--out'], want: ['--output'] },
  { words: ['completion', ''], want: ['bash', 'fish', 'zsh', '--help'] },
]

describe('bash', () => {
  const complete = async (words: readonly string[]): Promise<string[]> => {
    const ask = `COMP_WORDS=(callboard "$@"); COMP_CWORD=$#; _callboard; printf '%s\\n' "\${COMPREPLY[@]}"`
    const out = execFileSync('bash', ['-c', `${await script('bash')}\n${ask}`, 'bash', ...words], {
      cwd: folder.path,
      encoding: 'utf8',
    })
    return out.trimEnd().split('\n')
  }

  for (const { words, want } of cases) {
    it(`completes callboard ${words.join(' ')}`, async () => {
      expect((await complete(words)).sort()).toEqual([...want].sort())
    })
  }

  it('completes files where anything may stand', async () => {
    expect(await complete(['validate', 'mo'])).toEqual(['mocks'])
    expect(await complete(['validate', '--config', 'set'])).toEqual(['settings.yaml'])
    expect(await complete(['validate', 'with'])).toEqual(['with space.yaml'])
  })
})

describe('fish', () => {
  it('has a line for every command and option, with the values of those that have some', async () => {
    const text = await script('fish')
    expect(text).toContain(`-n 'not __fish_seen_subcommand_from run init validate plan`)
    expect(text).toMatch(
      /^complete -c callboard -n '__fish_seen_subcommand_from validate' -l output -s o -x -a 'text json github gitlab sarif junit markdown' -d '.+'$/m,
    )
    expect(text).toMatch(/^complete -c callboard -n '__fish_seen_subcommand_from validate' -l config -r -d /m)
    expect(text).toMatch(
      /seen_subcommand_from explain; and not __fish_seen_subcommand_from event request' -f -a 'request'/,
    )
  })

  it.runIf(isInstalled('fish'))('is understood by fish, and completes', async () => {
    folder.write({ 'callboard.fish': await script('fish') })
    for (const { words, want } of cases) {
      if (words[0] === 'completion') continue
      const line = `source callboard.fish; complete -C 'callboard ${words.join(' ')}'`
      const out = execFileSync('fish', ['-c', line], {
        cwd: folder.path,
        encoding: 'utf8',
        env: { ...process.env, HOME: folder.path },
      })
      const found = out
        .trimEnd()
        .split('\n')
        .map((each) => each.split('\t')[0])
      expect(found.sort()).toEqual([...want].sort())
    }
  })
})

describe('zsh', () => {
  it('has the same tables as bash, and registers itself from a file or a command', async () => {
    const [zsh, bash] = [await script('zsh'), await script('bash')]
    expect(zsh).toMatch(/^#compdef callboard\n/)
    expect(zsh).toContain('compdef _callboard callboard')
    const tables = /_callboard_words\(\) \{[\s\S]+?\n\}\n_callboard_values\(\) \{[\s\S]+?\n\}\n/.exec(bash)?.[0]
    expect(zsh).toContain(tables)
  })

  it.runIf(isInstalled('zsh'))('is understood by zsh', async () => {
    const { status, stderr } = spawnSync('zsh', ['-f', '-n'], { input: await script('zsh'), encoding: 'utf8' })
    expect([status, stderr]).toEqual([0, ''])
  })
})
