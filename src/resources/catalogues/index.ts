// Event types that need not be declared: settings switch catalogues of them on by name.

import type { EventTypeProgram } from '../kinds/notification-program.js'
import { admin } from './admin.js'
import { aegisrunner } from './aegisrunner.js'
import { aiAdminPanel } from './ai-admin-panel.js'
import { callboard } from './callboard.js'
import { mockarty } from './mockarty.js'

export type CatalogueName = 'mockarty' | 'ai-admin-panel' | 'aegisrunner' | 'callboard' | 'admin'

export const catalogues: Readonly<Record<CatalogueName, readonly EventTypeProgram[]>> = {
  mockarty,
  'ai-admin-panel': aiAdminPanel,
  aegisrunner,
  callboard,
  admin,
}
