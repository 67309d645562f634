import { defineConfig } from 'vitest/config'

// Tests of a Gitea that this machine was asked to have: without one they are no part of the run.
const onRequest = process.env.CALLBOARD_TEST_GITEA ? [] : ['test/e2e/gitea.test.ts']

export default defineConfig({
  root: new URL('..', import.meta.url).pathname,
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/services/global-setup.ts'],
    exclude: ['test/bench/**', 'node_modules/**', ...onRequest],
    testTimeout: 30_000,
    hookTimeout: 30_000,
  },
})
