import type { ChannelType } from '../channel-type.js'
import { discord } from './discord.js'
import { email } from './email.js'
import { googlechat } from './googlechat.js'
import { mattermost } from './mattermost.js'
import { opsgenie } from './opsgenie.js'
import { pagerduty } from './pagerduty.js'
import { slack } from './slack.js'
import { teams } from './teams.js'
import { telegram } from './telegram.js'
import { webex } from './webex.js'
import { webhook } from './webhook.js'

const all = [
  discord,
  email,
  googlechat,
  mattermost,
  opsgenie,
  pagerduty,
  slack,
  teams,
  telegram,
  webex,
  webhook,
] as unknown as readonly ChannelType[]

/** Every type that a Channel can name in `spec.type`. */
export const channelTypes: ReadonlyMap<string, ChannelType> = new Map(all.map((type) => [type.type, type]))
