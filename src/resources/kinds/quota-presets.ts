/** By types of channel: how many there may be of them together. */
export type ChannelLimits = Readonly<Record<string, number>>

/**
 * What AegisRunner's table of plans allows a project: only what the table speaks of is limited, and e-mail always is there.
 * https://aegisrunner.com/docs (Notifications & Alerts, Plan availability)
 */
export const quotaPresets: Readonly<Record<'free' | 'starter' | 'pro' | 'business' | 'enterprise', ChannelLimits>> = {
  free: { 'slack+discord+teams': 0, webhook: 0 },
  starter: { 'slack+discord+teams': 1, webhook: 1 },
  pro: { slack: 1, discord: 1, teams: 1, webhook: 3 },
  business: {},
  enterprise: {},
}
