// What Slack's words for errors mean. https://docs.slack.dev/reference/methods/chat.postMessage#errors

import type { ErrorClass } from '../../store/delivery.js'

export interface Meaning {
  readonly class: ErrorClass
  /** What is gone: the app or its token, or whom the message is for. */
  readonly about?: 'credential' | 'recipient'
  /** Slack names no time. */
  readonly retryAfterMs?: number
}

const words = (text: string): readonly string[] => text.trim().split(/\s+/)

const groups: readonly (readonly [Meaning, readonly string[]])[] = [
  [
    { class: 'auth', about: 'credential' },
    words(`invalid_auth not_authed account_inactive token_revoked token_expired not_allowed_token_type missing_scope
      no_permission access_denied accesslimited app_access_restricted two_factor_setup_required
      enterprise_is_restricted method_deprecated deprecated_endpoint unknown_method is_bot`),
  ],
  [
    { class: 'gone', about: 'recipient' },
    words(`channel_not_found not_in_channel is_archived channel_is_archived users_not_found user_not_found user_disabled
      user_not_visible restricted_action restricted_action_read_only_channel restricted_action_thread_only_channel
      ekm_access_denied messages_tab_disabled method_not_supported_for_channel_type team_not_found`),
  ],
  [{ class: 'rate_limited' }, words('ratelimited rate_limited')],
  // The messages of a free workspace are used up: nothing to ask for every minute.
  [{ class: 'rate_limited', retryAfterMs: 3600_000 }, words('message_limit_exceeded')],
  [
    { class: 'server' },
    words(`service_unavailable internal_error fatal_error request_timeout team_added_to_org org_login_required
      rollup_error`),
  ],
]

const meanings: ReadonlyMap<string, Meaning> = new Map(
  groups.flatMap(([meaning, names]) => names.map((name) => [name, meaning] as const)),
)

/** What is not known is about the message alone. */
export function meaningOf(error: string): Meaning {
  return meanings.get(error) ?? { class: 'rejected' }
}
