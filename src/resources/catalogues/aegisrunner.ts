import type { Json } from '../../expression/json.js'
import { inactivitySample } from '../kinds/inactivity.js'
import type { EventTypeProgram } from '../kinds/notification-program.js'
import { error, event, info } from './event.js'

const project = { id: 'prj-1', name: 'Acme Web', slug: 'acme-web' }

function run(status: 'passed' | 'failed', failed: number): Json {
  return {
    project,
    run: {
      id: 'run-42',
      suite_name: 'Checkout flow',
      status,
      browser: 'chromium',
      passed: 14,
      failed,
      skipped: 1,
      duration_ms: 38_400,
      url: 'https://example.com/runs/run-42',
    },
  }
}

const dayMs = 24 * 3600 * 1000
const results = '{{ payload.run.passed }} passed, {{ payload.run.failed }} failed, {{ payload.run.skipped }} skipped'
const byStatus = { expression: "'error' if payload.run.status == 'failed' else 'info'" } as const

/** Events of browser test runs and scans. All are on where nobody says otherwise. */
export const aegisrunner: readonly EventTypeProgram[] = [
  event({
    id: 'run_completed',
    description: 'Any test run finishes, pass or fail',
    default: true,
    severity: byStatus,
    sample: run('passed', 0),
    title: '{{ payload.run.suite_name }}: {{ payload.run.status }}',
    body: results,
    link: '{{ payload.run.url }}',
    includes: ['run_failed'],
    key: 'run.id',
  }),
  event({
    id: 'run_failed',
    description: 'A test run fails; one of the runs that run_completed tells of',
    default: true,
    severity: error,
    sample: run('failed', 2),
    title: '{{ payload.run.suite_name }}: failed',
    body: results,
    link: '{{ payload.run.url }}',
    key: 'run.id',
  }),
  event({
    id: 'crawl_completed',
    description: 'A scan finishes (success or failure)',
    default: true,
    severity: { expression: "'error' if payload.crawl.status == 'failed' else 'info'" },
    sample: {
      project,
      crawl: { id: 'scan-7', status: 'succeeded', pages: 120, url: 'https://example.com/scans/scan-7' },
    },
    title: 'Scan {{ payload.crawl.status }}: {{ payload.project.name }}',
    body: '{{ payload.crawl.pages }} pages',
    link: '{{ payload.crawl.url }}',
    key: 'crawl.id',
  }),
  event({
    id: 'ai_generated',
    description: 'AI test generation completes for a scan',
    default: true,
    severity: info,
    sample: { project, generation: { scan_id: 'scan-7', tests: 9, url: 'https://example.com/scans/scan-7/tests' } },
    title: '{{ payload.generation.tests }} tests generated: {{ payload.project.name }}',
    body: 'Ready to be reviewed',
    link: '{{ payload.generation.url }}',
    key: 'generation.scan_id',
  }),
  event({
    id: 'scheduled_runs',
    description: 'A scheduled run completes',
    default: true,
    severity: byStatus,
    sample: run('passed', 0),
    title: 'Scheduled run of {{ payload.run.suite_name }}: {{ payload.run.status }}',
    body: results,
    link: '{{ payload.run.url }}',
    key: 'run.id',
  }),
  event({
    id: 'inactive',
    description: 'Nothing was run or scanned for 7 days, and then for 30',
    default: true,
    severity: info,
    sample: inactivitySample,
    title: 'Nothing has run for {{ payload.days }} days',
    body: "Your last project{% if payload.last.payload.project.name %}, {{ payload.last.payload.project.name }},{% endif %} is as you left it on {{ payload.since | date('d MMMM yyyy') }}.",
    link: "{{ payload.last.link or '' }}",
    inactivity: {
      subject: 'namespace',
      afterMs: [7 * dayMs, 30 * dayMs],
      events: ['run_completed', 'run_failed', 'crawl_completed', 'ai_generated', 'scheduled_runs'],
    },
  }),
]
