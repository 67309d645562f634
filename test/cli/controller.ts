import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLog } from '../../src/log.js'
import { type Controller, start } from '../../src/main.js'
import { loadSettings } from '../../src/settings.js'

export const operateToken = 'operate-token'

/** A real controller on free ports, with a state directory of its own that goes when it closes. */
export async function startController(folder: string, flags: { [key: string]: unknown } = {}): Promise<Controller> {
  const stateDir = mkdtempSync(join(tmpdir(), 'callboard-state-'))
  const settings = loadSettings({
    env: {},
    flags: {
      source: { url: folder },
      ports: { resolver: 0, control: 0 },
      stateDir,
      tokens: { operate: operateToken },
      ...flags,
    },
  })
  const controller = await start(settings, { env: {}, log: createLog('silent', false) })
  return {
    ...controller,
    close: async () => {
      await controller.close()
      rmSync(stateDir, { recursive: true, force: true })
    },
  }
}
